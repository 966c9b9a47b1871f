import { createHash } from 'node:crypto';
import { Misconfigured } from '../../problem.ts';
import { Refusal } from '../../refusal.ts';
import type { Store } from '../../store/store.ts';
import { entryRecord, type KeyEntry, keyFileSchema } from './entry.ts';
import type { LastUse } from './last-use.ts';
import { KeyObjection } from './objection.ts';
import type { KeyStore } from './store.ts';

/** The keys of a store as they stood at one time. */
export interface SharedEntries {
  readonly entries: readonly KeyEntry[];
  /** `sha256:…`, another after each change. */
  readonly digest: string;
}

/** Keys that several gateways share. Rejects, beside what a key store rejects with, where the store
 * does not answer, and with `Refusal` store-unavailable where it is not the one it was. */
export interface SharedKeys extends KeyStore {
  read(): Promise<SharedEntries>;
  /** Tells when keys were used; of two times the later stays. */
  used(times: LastUse): Promise<void>;
}

const listScript = `
return {redis.call('GET', KEYS[1]) or '', redis.call('GET', KEYS[2]) or '0', redis.call('HKEYS', KEYS[3])}
`;
const entriesScript = `return redis.call('HMGET', KEYS[1], unpack(ARGV))`;

/** ARGV: id, what stands there ('' for nothing), what shall; the same for a second key, or nothing. */
const changeScript = `
for at = 1, #ARGV, 4 do
  if (redis.call('HGET', KEYS[1], ARGV[at]) or '') ~= ARGV[at + 1] then return 'changed' end
  local owner = redis.call('HGET', KEYS[2], ARGV[at + 3])
  if owner and owner ~= ARGV[at] then return owner end
end
for at = 1, #ARGV, 4 do
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2])
  redis.call('HSET', KEYS[2], ARGV[at + 3], ARGV[at])
end
redis.call('INCR', KEYS[3])
return 'done'
`;

const usedScript = `
for at = 1, #ARGV, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[at]) or '0')
  if tonumber(ARGV[at + 1]) > known then redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
end
`;

const tries = 10;
/** How many keys one question is about: however many there are, each is answered in milliseconds. */
const atOnce = 1000;

/** A store as keys need it. Its life (`generation`) is known to whoever watches over it. */
type KeyPlace = Pick<Store, 'run' | 'place'> & Partial<Pick<Store, 'generation'>>;

/** The keys of a store. Each change is made whole or not at all, whoever else changes them. Where its
 * life is known, no other is read: what was emptied holds no list that anybody wrote. */
export function sharedKeys(store: KeyPlace): SharedKeys {
  const at = {
    generation: store.place('generation'),
    version: store.place('version'),
    keys: store.place('keys'),
    hashes: store.place('key-hashes'),
    used: store.place('keys-used'),
  };
  /** Each entry is read once, however often the whole is. */
  let known = new Map<string, KeyEntry>();

  async function valuesOf(place: string, ids: readonly string[]): Promise<(string | null)[]> {
    const values: (string | null)[] = [];
    for (let from = 0; from < ids.length; from += atOnce) {
      const some = ids.slice(from, from + atOnce);
      values.push(...((await store.run(entriesScript, [place], some)) as (string | null)[]));
    }
    return values;
  }

  async function list() {
    const places = [at.generation, at.version, at.keys];
    const [life, version, ids] = (await store.run(listScript, places, [])) as [
      string,
      string,
      string[],
    ];
    if (store.generation !== undefined && life !== store.generation) {
      throw new Refusal('store-unavailable', 'the store is not the one it was', { retryAfter: 5 });
    }
    const digest = createHash('sha256').update(`${life} ${version}`).digest('hex');
    return { digest: `sha256:${digest}`, ids };
  }

  /** What changes while it is read has another version afterwards, and is read again. */
  async function read(): Promise<SharedEntries> {
    const { digest, ids } = await list();
    const next = new Map<string, KeyEntry>();
    for (const text of await valuesOf(at.keys, ids)) {
      if (text !== null) next.set(text, known.get(text) ?? entryOf(text));
    }
    known = next;
    const entries = [...next.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    return { entries, digest };
  }

  /** Changes what was read, again where somebody else was quicker. */
  async function change<T extends KeyEntry>(
    make: (entries: readonly KeyEntry[]) => { result: T; puts: readonly Put[] },
  ): Promise<T> {
    for (let turn = 0; turn < tries; turn++) {
      const { result, puts } = make((await read()).entries);
      const values = puts.flatMap(({ before, after }) => [
        after.id,
        before ? textOf(before) : '',
        textOf(after),
        after.hash,
      ]);
      const told = puts.length === 0 ? 'done' : await store.run(changeScript, placesOf(at), values);
      if (told === 'done') return result;
      if (told !== 'changed')
        throw new KeyObjection('known', `the key is there already, as ${told}`);
    }
    throw new Error('others change the keys of the store all the time; try again');
  }

  return {
    name: 'the store',
    read,
    entries: async () => (await read()).entries,
    lastUse: async () => {
      const { ids } = await list();
      const times = await valuesOf(at.used, ids);
      return new Map(ids.flatMap((id, index) => usedAt(id, times[index] ?? null)));
    },
    used: async (times) => {
      const all = [...times];
      for (let from = 0; from < all.length; from += atOnce) {
        await store.run(usedScript, [at.used], all.slice(from, from + atOnce).flat());
      }
    },
    add: async (entry) => {
      await change((entries) => {
        if (entries.some(({ id }) => id === entry.id)) {
          throw new KeyObjection('known', `the key is there already, as ${entry.id}`);
        }
        return { result: entry, puts: [{ before: null, after: entry }] };
      });
    },
    revoke: (id, time, by) =>
      change((entries) => {
        const before = entryNamed(entries, id);
        if (before.revoked !== null && before.revoked <= time) return { result: before, puts: [] };
        const after = { ...before, revoked: time, ...(by === undefined ? {} : { revokedBy: by }) };
        return { result: after, puts: [{ before, after }] };
      }),
    rotate: (id, { now, ends }, make) =>
      change((entries) => {
        const before = entryNamed(entries, id);
        const over = [before.revoked, before.expires].some((end) => end !== null && end <= now);
        if (over) {
          const instead = 'make a new one: vectorgate keys create';
          throw new KeyObjection('over', `${id} is revoked or expired; ${instead}`);
        }
        const after = { ...before, expires: Math.min(ends, before.expires ?? ends) };
        const added = make(before);
        return {
          result: added,
          puts: [
            { before, after },
            { before: null, after: added },
          ],
        };
      }),
  };
}

interface Put {
  readonly before: KeyEntry | null;
  readonly after: KeyEntry;
}

function placesOf(at: Readonly<Record<'keys' | 'hashes' | 'version', string>>): string[] {
  return [at.keys, at.hashes, at.version];
}

function textOf(entry: KeyEntry): string {
  return JSON.stringify(entryRecord(entry));
}

function entryOf(text: string): KeyEntry {
  try {
    const [entry] = keyFileSchema.parse({ keys: [JSON.parse(text)] }).keys;
    if (entry) return entry;
  } catch {
    // The reader's own words repeat what stands there.
  }
  const message = 'the store holds an entry of a key that cannot be read';
  const remedy = 'Look who else writes to it; the keys that were in force stay';
  throw new Misconfigured([{ file: 'the store', line: null, path: 'keys', message, remedy }]);
}

function entryNamed(entries: readonly KeyEntry[], id: string): KeyEntry {
  const entry = entries.find((each) => each.id === id);
  if (!entry) {
    throw new KeyObjection(
      'unknown',
      'the store has no key of that id; vectorgate keys list shows them',
    );
  }
  return entry;
}

function usedAt(id: string, told: string | null): [string, number][] {
  return told === null || told === '' ? [] : [[id, Number(told)]];
}
