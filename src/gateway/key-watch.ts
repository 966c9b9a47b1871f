import type { AuditLog } from '../audit/audit.ts';
import type { ChangedBy } from '../audit/event-record.ts';
import { expiredBetween, keyEvents } from '../identity/keys/difference.ts';
import type { KeyEntry } from '../identity/keys/entry.ts';
import type { Keyring } from '../identity/keys/keyring.ts';
import type { KeySource } from './key-source.ts';
import type { LoadedKeys } from './prepare.ts';

/** What is watched over, and who is told. */
export interface KeyWatchParts {
  /** Where the keys come from. */
  readonly source: Pick<KeySource, 'kind' | 'used' | 'write' | 'writeEvery'>;
  /** The keys in force. */
  readonly keys: () => LoadedKeys;
  readonly keyring: Keyring;
  readonly audit: Pick<AuditLog, 'configured'>;
  /** Told once, where last use cannot be written. */
  readonly unwritable: (error: Error) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A watch over the keys in force. */
export interface KeyWatch {
  /** To be called each second. */
  tick(): void;
  /** Tells now what became of the keys; what became of these is somebody's doing. */
  told(ids: readonly string[], by: ChangedBy): void;
  /** Writes when keys were last used. */
  close(): void | Promise<void>;
}

/** What one change of the file tells of single keys; more than that is told by `keys.changed`. */
const mostEvents = 1000;

/**
 * Tells the audit log what becomes of each key: made, rotated, revoked, imported, ended by itself.
 * Keeps when each was last used where keys come from, written now and then and at the end, so that
 * no request waits for it.
 */
export function watchKeys(parts: KeyWatchParts): KeyWatch {
  const { source, keys, keyring, audit, now } = parts;
  let known = keys();
  let seen = now();
  let next = nextEnd(known.entries, seen);
  const lastUse = keepLastUse(parts);
  const doers = new Map<string, ChangedBy>();
  const unnamed: ChangedBy = { kind: source.kind, name: null };
  const tell = (events: ReturnType<typeof keyEvents>) => {
    for (const { event, key, by: user } of events.slice(0, mostEvents)) {
      const known = doers.get(key.id) ?? (user ? { kind: 'os-user', name: user } : unnamed);
      const by = event === 'key.expired' ? {} : { by: known };
      audit.configured({ event, upstream: null, digest: keys().digest, key, ...by });
    }
  };
  for (const [id, time] of source.used) {
    const key = keyring.byId(id);
    if (key) key.lastUsed ??= time;
  }
  const tick = () => {
    const time = now();
    const current = keys();
    if (time >= next) tell(expiredBetween(known.entries, seen, time));
    if (current !== known) tell(keyEvents(known.entries, current.entries, time));
    if (time >= next || current !== known) next = nextEnd(current.entries, time);
    known = current;
    seen = time;
    lastUse.tick(time);
  };
  return {
    tick,
    told: (ids, by) => {
      for (const id of ids) doers.set(id, by);
      tick();
      doers.clear();
    },
    close: lastUse.write,
  };
}

function keepLastUse({ source, keys, keyring, unwritable, now }: KeyWatchParts) {
  let written = now();
  let failed = false;
  const write = (): void | Promise<void> => {
    const from = written;
    written = now();
    const used = new Map<string, number>();
    let newest = 0;
    for (const { id } of keys().entries) {
      const time = keyring.byId(id)?.lastUsed ?? null;
      if (time === null) continue;
      used.set(id, time);
      newest = Math.max(newest, time);
    }
    if (newest < from) return;
    const told = (error: unknown) => {
      if (!failed) unwritable(error as Error);
      failed = true;
    };
    try {
      return source.write(used)?.catch(told);
    } catch (error) {
      told(error);
    }
  };
  const tick = (time: number) => {
    if (time - written >= source.writeEvery) void write();
  };
  return { write, tick };
}

/** When the next key ends by itself. */
function nextEnd(entries: readonly KeyEntry[], now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { expires } of entries) {
    if (expires !== null && expires > now && expires < next) next = expires;
  }
  return next;
}
