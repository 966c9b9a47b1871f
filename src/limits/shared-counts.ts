import { LRUCache } from 'lru-cache';
import type { Quota } from '../policy/quota.ts';
import type { Store } from '../store/store.ts';
import type { Ask, Counts, Grant } from './counts.ts';
import { type Count, makeOwnShare } from './own-share.ts';

/** What shared counts are kept with. */
export interface SharedCountsOptions {
  readonly store: Pick<
    Store,
    'cluster' | 'run' | 'spread' | 'place' | 'generation' | 'gateways' | 'status' | 'failedAt'
  >;
  /** The upstream that they are of, under the name that all gateways give it. */
  readonly upstream: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** How long a grant may be kept unspent, in milliseconds: it is a sixteenth of a burst at most. */
const lasts = 60_000;
/** Counts of which this gateway knows what was taken, for when the store is lost. */
const rememberedAtMost = 50_000;
/** How often what is owed is told, where nobody asks, in milliseconds. */
const tellEvery = 500;

/**
 * The rate as one number (`rate.ts`), on the clock of the store. KEYS: the count, and where there
 * is one the generation. ARGV: units asked, units owed, milliseconds a unit, burst, the generation.
 * Gives units granted and units left; nothing where the store is not the one it was.
 */
const takeScript = `
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[5] then return {} end
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local each = tonumber(ARGV[3])
local paid = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
paid = math.max(paid + tonumber(ARGV[2]) * each, now)
local left = math.floor(tonumber(ARGV[4]) - (paid - now) / each + 0.001)
local granted = math.max(0, math.min(tonumber(ARGV[1]), left))
paid = paid + granted * each
if paid > now then
  redis.call('SET', KEYS[1], string.format('%.3f', paid), 'PX', math.ceil(paid - now) + 1)
else
  redis.call('DEL', KEYS[1])
end
return {granted, left - granted}
`;

/** A count, and what the store has still to hear of it. */
interface Known extends Count {
  /** Units granted and not told yet. */
  owed: number;
}

/**
 * Counts in a store, for all gateways together. While it is lost each gateway grants its share of
 * what was left of every limit, as far as it heard, and at most of half of it: of more, each hears
 * at once. It tells of it once the store is back.
 */
export function makeSharedCounts(options: SharedCountsOptions): Counts {
  const { store, now } = options;
  const owing = new Map<string, Quota>();
  const known = new LRUCache<string, Known>({
    max: rememberedAtMost,
    dispose: (_, key, why) => void (why === 'evict' && owing.delete(key)),
  });
  const share = makeOwnShare(store, now);
  let timer: NodeJS.Timeout | null = null;

  function knownOf(key: string): Known {
    const found = known.get(key) ?? { paid: 0, owed: 0 };
    if (found.paid === 0) known.set(key, found);
    return found;
  }

  function owe(quota: Quota, own: Known, units: number): void {
    own.owed += units;
    if (own.owed === 0) owing.delete(quota.key);
    else owing.set(quota.key, quota);
    if (own.owed === 0 || timer) return;
    timer = setTimeout(tellOwed, tellEvery).unref();
  }

  /** Rejects, or gives nothing, where the store did not take it: then it is owed again. */
  async function tell(quota: Quota, own: Known, units: number): Promise<number[]> {
    const telling = own.owed;
    owe(quota, own, -telling);
    const told = await askStore(options, { quota, units, owed: telling }).catch(() => []);
    if (told.length > 0) return told;
    share.failed();
    owe(quota, own, telling);
    return told;
  }

  async function take({ quota, units, owed }: Ask): Promise<Grant> {
    const own = knownOf(quota.key);
    if (owed > 0) owe(quota, own, owed);
    if (share.alone()) return takeAlone({ quota, units, owed }, own, store.status.state === 'up');
    const [granted, left] = await tell(quota, own, units);
    if (granted === undefined || left === undefined) {
      return takeAlone({ quota, units, owed }, own, false);
    }
    own.paid = now() + ((quota.burst - left) * quota.period) / quota.units;
    return { units: granted, left, lasts };
  }

  /** Grants of this gateway's share; as far as the store has as much, where it can be asked. */
  async function takeAlone({ quota, units, owed }: Ask, own: Known, ask: boolean): Promise<Grant> {
    const granted = Math.max(0, Math.min(units, share.left(quota, own)));
    share.take(quota, own, granted + owed);
    const told = ask ? await tell(quota, own, granted) : [];
    if (told[0] === undefined) owe(quota, own, granted);
    const left = Math.min(share.left(quota, own), told[1] ?? quota.burst);
    return { units: told[0] ?? granted, left, lasts, alone: true };
  }

  /** What nobody asks for here again is owed all the same. */
  async function tellOwed(): Promise<void> {
    for (const [key, quota] of store.status.state === 'up' ? [...owing] : []) {
      const own = known.get(key);
      if (own && (await tell(quota, own, 0)).length === 0) break;
    }
    timer = owing.size > 0 ? setTimeout(tellOwed, tellEvery).unref() : null;
  }

  return {
    get sharers() {
      return store.gateways.length;
    },
    take: (asks) => Promise.all(asks.map(take)),
    giveBack: (quota, units) => {
      const own = knownOf(quota.key);
      owe(quota, own, -units);
      if (!share.alone()) void tell(quota, own, 0);
    },
    heard: (key, { paidIn }) => {
      const own = knownOf(key);
      own.paid = Math.max(own.paid, now() + paidIn);
    },
  };
}

/** Units granted and units left; nothing where the store is not the one it was. */
async function askStore(
  { store, upstream }: SharedCountsOptions,
  { quota, units, owed }: Ask,
): Promise<number[]> {
  const count = store.spread(`count:${upstream}:${quota.key}`);
  const keys = store.cluster ? [count] : [count, store.place('generation')];
  const each = quota.period / quota.units;
  const values = [units, owed, each, quota.burst, store.generation];
  return (await store.run(takeScript, keys, values)) as number[];
}
