import { LRUCache } from 'lru-cache';
import type { Quota } from '../policy/quota.ts';
import type { Store } from '../store/store.ts';
import type { Ask, Counts, Grant } from './counts.ts';
import { leftOf, type PaidUntil, paidAfter } from './rate.ts';

/** What shared counts are kept with. */
export interface SharedCountsOptions {
  readonly store: Pick<
    Store,
    'cluster' | 'run' | 'spread' | 'place' | 'generation' | 'gateways' | 'status'
  >;
  /** The upstream that they are of, under the name that all gateways give it. */
  readonly upstream: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** How long a grant may be kept unspent, in milliseconds: it is a sixteenth of a burst at most. */
const lasts = 60_000;
/** Counts of which this gateway knows what it took, for when the store is lost. */
const rememberedAtMost = 50_000;

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

/** What this gateway took of one count. */
interface Taken {
  /** By its own clock, of its own share. */
  paid: PaidUntil;
  /** Units granted while the store was lost, and not yet told. */
  owed: number;
}

/**
 * Counts in a store, for all gateways together. While it is lost each gateway grants its share of
 * every limit, from where it stood, and tells of it once the store is back.
 */
export function makeSharedCounts(options: SharedCountsOptions): Counts {
  const { store, upstream, now } = options;
  const taken = new LRUCache<string, Taken>({ max: rememberedAtMost });

  function takenOf({ key }: Quota): Taken {
    const known = taken.get(key) ?? { paid: 0, owed: 0 };
    taken.set(key, known);
    return known;
  }

  async function askStore(quota: Quota, units: number, owed: number): Promise<number[]> {
    const count = store.spread(`count:${upstream}:${quota.key}`);
    const keys = store.cluster ? [count] : [count, store.place('generation')];
    const each = quota.period / quota.units;
    const values = [units, owed, each, quota.burst, store.generation];
    return (await store.run(takeScript, keys, values)) as number[];
  }

  function grantAlone(quota: Quota, own: Taken, units: number): Grant {
    const share = shareOf(quota, store.gateways.length);
    const left = Math.floor(leftOf(share, own.paid, now()) + 1e-3);
    const granted = Math.max(0, Math.min(units, left));
    own.paid = paidAfter(share, own.paid, now(), granted);
    own.owed += granted;
    return { units: granted, left: left - granted, lasts };
  }

  async function take({ quota, units, owed }: Ask): Promise<Grant> {
    const own = takenOf(quota);
    const telling = own.owed + owed;
    own.owed = 0;
    const told =
      store.status.state === 'up' ? await askStore(quota, units, telling).catch(() => []) : [];
    const [granted, left] = told;
    if (granted === undefined || left === undefined) {
      own.owed += telling;
      own.paid = paidAfter(shareOf(quota, store.gateways.length), own.paid, now(), owed);
      return grantAlone(quota, own, units);
    }
    own.paid = paidAfter(shareOf(quota, store.gateways.length), own.paid, now(), granted + owed);
    return { units: granted, left, lasts };
  }

  return {
    get sharers() {
      return store.gateways.length;
    },
    take: (asks) => Promise.all(asks.map(take)),
    giveBack: (quota, units) => {
      const own = takenOf(quota);
      own.paid = paidAfter(shareOf(quota, store.gateways.length), own.paid, now(), -units);
      const told = store.status.state === 'up' ? askStore(quota, 0, -units) : Promise.resolve([]);
      told.then(
        ([granted]) => {
          if (granted === undefined) own.owed -= units;
        },
        () => {
          own.owed -= units;
        },
      );
    },
  };
}

/** What one of several gateways may grant by itself. */
function shareOf(quota: Quota, gateways: number): Quota {
  const count = Math.max(1, gateways);
  return { ...quota, units: quota.units / count, burst: Math.max(1, quota.burst / count) };
}
