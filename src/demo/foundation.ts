import type { Keys } from './credential.ts';
import type { OnTouch } from './observe.ts';
import type { Storage } from './store/storage.ts';

/** What the REST interface stands on. */
export interface Foundation {
  readonly storage: Storage;
  readonly keys: Keys;
  readonly onTouch: OnTouch;
}
