import { createHash } from 'node:crypto';
import { Misconfigured, type Problem } from '../../problem.ts';
import { Refusal } from '../../refusal.ts';
import type { Store } from '../../store/store.ts';
import { type KeyEntry, keyFileSchema } from './entry.ts';
import type { ReadKeys } from './store.ts';

/** The keys of a store as they stood at one time. For what cannot be read there stands what was
 * known of these keys before, and the others count as they stand there. */
export interface SharedEntries extends ReadKeys {
  /** `sha256:…`, another after each change. */
  readonly digest: string;
}

/** One entry as it stands in a store. */
export interface StoredEntry {
  readonly text: string;
  /** Null: it cannot be read, which `problem` tells. */
  readonly entry: KeyEntry | null;
  readonly problem: Problem | null;
}

/** A store as keys need it. Its life (`generation`) is known to whoever watches over it. */
export type StoreOfKeys = Pick<Store, 'run' | 'place'> & Partial<Pick<Store, 'generation'>>;

/** Reads the keys of a store. Rejects where the store does not answer, and with `Refusal`
 * store-unavailable where it is not the one it was. */
export interface StoreReader {
  /** The same object until something changed. */
  read(): Promise<SharedEntries>;
  /** One entry; null for none. */
  one(id: string): Promise<StoredEntry | null>;
  /** The ids of all keys. */
  ids(): Promise<readonly string[]>;
  /** The fields of these ids of another hash. */
  values(place: string, ids: readonly string[]): Promise<readonly (string | null)[]>;
}

const listScript = `
local version = redis.call('GET', KEYS[2]) or '0'
return {redis.call('GET', KEYS[1]) or '', version, redis.call('HKEYS', KEYS[3]),
  redis.call('ZRANGEBYSCORE', KEYS[4], version, version)}
`;
/** ARGV: the version that is known. */
const changesScript = `
return {redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '0', {},
  redis.call('ZRANGEBYSCORE', KEYS[3], ARGV[1], '+inf')}
`;
const entriesScript = `return redis.call('HMGET', KEYS[1], unpack(ARGV))`;

/** How many keys one question is about: however many there are, each is answered in
 * milliseconds. */
const atOnce = 1000;

/** Life, version, ids, and changes: `VERSION NONCE ID`. */
type Told = readonly [string, string, readonly string[], readonly string[]];

interface Known {
  readonly life: string;
  readonly version: string;
  /** The changes that made this version. Where they still stand there, so does all before them. */
  readonly mark: readonly string[];
  readonly shared: SharedEntries;
}

/**
 * Makes the reader. However many keys there are, only those are read that changed since the last
 * time, where the store tells of each change: not after one that is longer ago than it remembers,
 * made by others in their own way, or lost with a part of the store.
 */
export function storeReader(store: StoreOfKeys): StoreReader {
  const life = store.place('generation');
  const version = store.place('version');
  const keys = store.place('keys');
  const changes = store.place('key-changes');
  /** What cannot be read keeps the entry of before, or none. */
  let entries = new Map<string, StoredEntry>();
  let known: Known | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function values(place: string, ids: readonly string[]): Promise<(string | null)[]> {
    const found: (string | null)[] = [];
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce);
      found.push(...((await store.run(entriesScript, [place], some)) as (string | null)[]));
    }
    return found;
  }

  async function told(since: string | null): Promise<Told> {
    const all = await (since === null
      ? store.run(listScript, [life, version, keys, changes], [])
      : store.run(changesScript, [life, version, changes], [since]));
    if (store.generation !== undefined && (all as Told)[0] !== store.generation) {
      throw anotherStore();
    }
    return all as Told;
  }

  /** What changes while it is read has another version afterwards, and is read again. */
  async function whole(): Promise<SharedEntries> {
    const now = await told(null);
    const ids = [...now[2]].sort();
    const texts = await values(keys, ids);
    const next = new Map<string, StoredEntry>();
    for (const [at, id] of ids.entries()) {
      const text = texts[at] ?? null;
      if (text !== null) next.set(id, heldOf(id, text, entries.get(id)));
    }
    entries = next;
    return keep(now, now[3]);
  }

  async function changed(before: Known): Promise<SharedEntries> {
    const now = await told(before.version);
    const changedIds = changedSince(before, now);
    if (!changedIds) return whole();
    const ids = new Set(changedIds);
    if (before.shared.problem) for (const [id, { problem }] of entries) if (problem) ids.add(id);
    const texts = await values(keys, [...ids]);
    let same = now[1] === before.version;
    for (const [at, id] of [...ids].entries()) {
      const text = texts[at] ?? null;
      same &&= text === (entries.get(id)?.text ?? null);
      if (text === null) entries.delete(id);
      else entries.set(id, heldOf(id, text, entries.get(id)));
    }
    return same ? before.shared : keep(now, marksOf(now));
  }

  function keep(now: Told, mark: readonly string[]): SharedEntries {
    const all = [...entries.values()];
    const problems = all.flatMap(({ problem }) => problem ?? []);
    const digest = createHash('sha256').update(`${now[0]} ${now[1]}`);
    for (const { path } of problems) digest.update(` ${path}`);
    const shared = {
      // Sorted already, save for what was added: that is quick.
      entries: all.flatMap(({ entry }) => entry ?? []).sort((a, b) => (a.id < b.id ? -1 : 1)),
      digest: `sha256:${digest.digest('hex')}`,
      problem: problems.length > 0 ? new Misconfigured(problems) : null,
    };
    known = { life: now[0], version: now[1], mark, shared };
    return shared;
  }

  return {
    /** One after the other, so that none puts back what a later one found. */
    read: () => {
      const done = turn.then(() => (known ? changed(known) : whole()));
      turn = done.catch(() => {
        known = null;
      });
      return done;
    },
    one: async (id) => {
      const [text] = await values(keys, [id]);
      return typeof text === 'string' ? heldOf(id, text, undefined) : null;
    },
    ids: async () => (await told(null))[2],
    values,
  };
}

/** The refusal where a store is not the one that is known. */
export function anotherStore(): Refusal {
  return new Refusal('store-unavailable', 'the store is not the one it was', { retryAfter: 5 });
}

/** The ids of the keys that changed since; null where not every change is told. */
function changedSince(before: Known, now: Told): readonly string[] | null {
  const [life, version, , changes] = now;
  const [from, to] = [Number(before.version), Number(version)];
  if (life !== before.life || to < from || before.mark.length === 0) return null;
  const versions = new Map<number, string[]>();
  const ids: string[] = [];
  for (const change of changes) {
    const [at = '', , id = ''] = change.split(' ');
    const others = versions.get(Number(at));
    if (others) others.push(change);
    else versions.set(Number(at), [change]);
    if (Number(at) > from) ids.push(id);
  }
  if (versions.size !== to - from + 1 || !versions.has(to)) return null;
  return versions.get(from)?.join() === before.mark.join() ? ids : null;
}

function marksOf([, version, , changes]: Told): readonly string[] {
  return changes.filter((change) => change.startsWith(`${version} `));
}

function heldOf(id: string, text: string, before: StoredEntry | undefined): StoredEntry {
  if (before?.text === text) return before;
  try {
    const [entry] = keyFileSchema.parse({ keys: [JSON.parse(text)] }).keys;
    if (entry?.id === id) return { text, entry, problem: null };
  } catch {
    // The reader's own words repeat what stands there.
  }
  const message = 'the store holds an entry of a key that cannot be read';
  const remedy =
    'Look who else writes to it; what was known of this key stays in force ' +
    `until vectorgate keys revoke ${id}`;
  const problem = { file: 'the store', line: null, path: `keys.${id}`, message, remedy };
  return { text, entry: before?.entry ?? null, problem };
}
