import type { Writable } from 'node:stream';

/** Calls `listener` when a writable that takes no more takes more again: once, however often it is
 * asked in between. Asked for only then, since most answers never wait. */
export function whenDrained(writable: Writable, listener: (() => void) | null): void {
  if (listener && writable.listenerCount('drain') === 0) writable.once('drain', listener);
}
