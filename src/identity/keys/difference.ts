import type { KeyEntry } from './entry.ts';

/** Something that became of a key. */
export interface KeyEvent {
  readonly event: 'key.created' | 'key.rotated' | 'key.revoked' | 'key.imported' | 'key.expired';
  readonly key: Pick<KeyEntry, 'id' | 'name'>;
  /** The user of the machine whose command it was, as the entry says. */
  readonly by?: string;
}

/**
 * What happened between two versions of the key file, at a time in milliseconds. A key that is gone
 * is revoked, and so is one whose hash is another; one that takes over from another tells of the
 * old one as rotated.
 */
export function keyEvents(
  before: readonly KeyEntry[],
  after: readonly KeyEntry[],
  now: number,
): readonly KeyEvent[] {
  const old = new Map(before.map((entry) => [entry.id, entry]));
  const next = new Map(after.map((entry) => [entry.id, entry]));
  const events: KeyEvent[] = [];
  const tell = (event: KeyEvent['event'], { id, name }: KeyEntry, by: string | undefined) => {
    events.push({ event, key: { id, name }, ...(by === undefined ? {} : { by }) });
  };
  for (const entry of before) {
    const later = next.get(entry.id);
    const ended = later === undefined || later.hash !== entry.hash || isRevoked(later, now);
    if (ended && !isRevoked(entry, now)) {
      tell('key.revoked', entry, later?.hash === entry.hash ? later.revokedBy : undefined);
    }
  }
  for (const entry of after) {
    if (old.get(entry.id)?.hash === entry.hash) continue;
    const replaced = entry.replaces === null ? undefined : next.get(entry.replaces);
    if (replaced) tell('key.rotated', replaced, entry.createdBy);
    tell(entry.imported ? 'key.imported' : 'key.created', entry, entry.createdBy);
    // Made and ended between two looks.
    if (isRevoked(entry, now)) tell('key.revoked', entry, entry.revokedBy);
  }
  return events;
}

/** The keys that ended by themselves after one time and not after another, in milliseconds. */
export function expiredBetween(
  entries: readonly KeyEntry[],
  from: number,
  to: number,
): readonly KeyEvent[] {
  return entries
    .filter((entry) => entry.expires !== null && entry.expires > from && entry.expires <= to)
    .filter((entry) => !isRevoked(entry, to))
    .map(({ id, name }) => ({ event: 'key.expired', key: { id, name } }));
}

function isRevoked({ revoked }: KeyEntry, now: number): boolean {
  return revoked !== null && revoked <= now;
}
