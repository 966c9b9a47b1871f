import { randomUUID } from 'node:crypto';
import { Misconfigured } from '../../problem.ts';
import { entryRecord, type KeyEntry } from './entry.ts';
import type { LastUse } from './last-use.ts';
import { KeyObjection } from './objection.ts';
import type { KeyStore } from './store.ts';
import {
  anotherStore,
  type SharedEntries,
  type StoredEntry,
  type StoreOfKeys,
  storeReader,
} from './store-read.ts';

/** Keys that several gateways share. Rejects, beside what a key store rejects with, where the store
 * does not answer, and with `Refusal` store-unavailable where it is not the one it was. */
export interface SharedKeys extends KeyStore {
  read(): Promise<SharedEntries>;
  /** Tells when keys were used; of two times the later stays. */
  used(times: LastUse): Promise<void>;
}

/** ARGV: the life of the store ('' for whichever), a nonce, then id, what stands there ('' for
 * nothing), what shall ('' for nothing), its hash; the same for a second key, or nothing. The last
 * changes are remembered, so that nobody has to read all keys. */
const changeScript = `
if ARGV[1] ~= '' and redis.call('GET', KEYS[5]) ~= ARGV[1] then return 'another store' end
for at = 3, #ARGV, 4 do
  if (redis.call('HGET', KEYS[1], ARGV[at]) or '') ~= ARGV[at + 1] then return 'changed' end
  local owner = redis.call('HGET', KEYS[2], ARGV[at + 3])
  if owner and owner ~= ARGV[at] and redis.call('HEXISTS', KEYS[1], owner) == 1 then return owner end
end
local version = redis.call('INCR', KEYS[3])
for at = 3, #ARGV, 4 do
  if ARGV[at + 2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[at])
  else
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2])
    redis.call('HSET', KEYS[2], ARGV[at + 3], ARGV[at])
  end
  redis.call('ZADD', KEYS[4], version, version .. ' ' .. ARGV[2] .. ' ' .. ARGV[at])
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', version - 1000)
return 'done'
`;

const usedScript = `
for at = 1, #ARGV, 2 do
  local known = tonumber(redis.call('HGET', KEYS[1], ARGV[at]) or '0')
  if tonumber(ARGV[at + 1]) > known then redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
end
`;

const tries = 10;
/** The most keys that one question is about. */
const atOnce = 1000;

/** The keys of a store. Each change is made whole or not at all, whoever else changes them, and
 * looks at no other key: a broken entry keeps nobody from revoking, another or this one. Where the
 * store's life is known, no other is read: what was emptied holds no list that anybody wrote. */
export function sharedKeys(store: StoreOfKeys): SharedKeys {
  const reader = storeReader(store);
  const used = store.place('keys-used');
  const places = ['keys', 'key-hashes', 'version', 'key-changes', 'generation'];
  const changing = places.map((name) => store.place(name));

  /** Changes what was read, again where somebody else was quicker. */
  async function change(
    id: string,
    make: (before: StoredEntry | null) => Change,
  ): Promise<KeyEntry> {
    for (let turn = 0; turn < tries; turn++) {
      const before = await reader.one(id);
      const { result, changed, added } = make(before);
      const values = [
        ...(changed === undefined ? [] : [id, before?.text ?? '', ...written(changed)]),
        ...(added ? [added.id, '', ...written(added)] : []),
      ];
      if (values.length === 0) return result;
      const told = await store.run(changeScript, changing, [
        store.generation ?? '',
        randomUUID(),
        ...values,
      ]);
      if (told === 'done') return result;
      if (told === 'another store') throw anotherStore();
      if (told !== 'changed')
        throw new KeyObjection('known', `the key is there already, as ${told}`);
    }
    throw new Error('others change the keys of the store all the time; try again');
  }

  return {
    name: 'the store',
    read: reader.read,
    lastUse: async () => {
      const ids = await reader.ids();
      const times = await reader.values(used, ids);
      return new Map(ids.flatMap((id, index) => usedAt(id, times[index] ?? null)));
    },
    used: async (times) => {
      const all = [...times];
      for (let from = 0; from < all.length; from += atOnce) {
        await store.run(usedScript, [used], all.slice(from, from + atOnce).flat());
      }
    },
    add: async (entry) => {
      await change(entry.id, (before) => {
        if (before) throw new KeyObjection('known', `the key is there already, as ${entry.id}`);
        return { result: entry, changed: entry };
      });
    },
    knows: async (id) => (await reader.ids()).includes(id),
    revoke: (id, time, by) =>
      change(id, (stored) => {
        if (stored?.problem) return { result: unreadable(id, time), changed: null };
        const before = entryNamed(stored);
        if (before.revoked !== null && before.revoked <= time) return { result: before };
        const after = { ...before, revoked: time, ...(by === undefined ? {} : { revokedBy: by }) };
        return { result: after, changed: after };
      }),
    rotate: (id, { now, ends }, make) =>
      change(id, (stored) => {
        const before = entryNamed(stored);
        const over = [before.revoked, before.expires].some((end) => end !== null && end <= now);
        if (over) {
          const instead = 'make a new one: vectorgate keys create';
          throw new KeyObjection('over', `${id} is revoked or expired; ${instead}`);
        }
        const added = make(before);
        const changed = { ...before, expires: Math.min(ends, before.expires ?? ends) };
        return { result: added, changed, added };
      }),
  };
}

interface Change {
  readonly result: KeyEntry;
  /** What becomes of the entry that was read (null: it goes), and what comes beside it; left out:
   * nothing. */
  readonly changed?: KeyEntry | null;
  readonly added?: KeyEntry;
}

/** The text of an entry, and its hash. */
function written(entry: KeyEntry | null): readonly [string, string] {
  return entry ? [JSON.stringify(entryRecord(entry)), entry.hash] : ['', ''];
}

function entryNamed(stored: StoredEntry | null): KeyEntry {
  if (stored?.entry) return stored.entry;
  if (stored?.problem) throw new Misconfigured([stored.problem]);
  const list = 'vectorgate keys list shows them';
  throw new KeyObjection('unknown', `the store has no key of that id; ${list}`);
}

/** What is told of a key of which nothing is known but its id. */
function unreadable(id: string, revoked: number): KeyEntry {
  return {
    ...{ id, name: 'unreadable', roles: [], upstream: null, hash: '', sources: [], labels: {} },
    ...{ created: null, expires: null, revoked, replaces: null, imported: false },
  };
}

function usedAt(id: string, told: string | null): [string, number][] {
  return told === null || told === '' ? [] : [[id, Number(told)]];
}
