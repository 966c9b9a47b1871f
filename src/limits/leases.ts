import type { Quota } from '../policy/quota.ts';
import type { Counts, Grant } from './counts.ts';
import { isCovered, knownLeft, type Share } from './share.ts';

/** What a request wants of one shared count. */
export interface Claim extends Share {
  /** Units that must be there: of what answers carry one, which is not spent. */
  readonly cost: number;
  /** Units that are spent. */
  readonly work: number;
}

/** A shared count that has no room, and the milliseconds until it has. */
export interface Short {
  readonly quota: Quota;
  readonly wait: number;
}

/** What this process holds of counts that several share. */
export interface Leases {
  /**
   * Spends what all claims are worth, or nothing. Null: spent, without asking anybody. Else
   * resolves with the first that is short, or null; after one round trip. Rejects with what the
   * counts reject.
   */
  spend(claims: readonly Claim[]): Promise<Short | null> | null;
  /** Counts what was taken beyond every claim; told to the others soon. */
  owe(share: Share, units: number): void;
  /** Gives back what `spend` spent. */
  undo(claims: readonly Claim[]): void;
}

/** Which part of the burst is taken in advance while less than half of it is used: what another
 * process may miss at most, and what all together may spend beyond the limit. */
const advance = 1 / 16;

/**
 * Leases on shared counts. While less than half of a count is used, requests spend what the process
 * holds or go on credit, and more is asked for behind their backs. The credit of all processes is a
 * sixteenth of the burst: where that is less than a unit for each, there is none. Beyond half, each
 * asks for exactly what it needs, and what nobody needs is given back. `learned` hears of each
 * answer.
 */
export function makeLeases(
  counts: Counts,
  now: () => number,
  learned: (share: Share, alone: boolean) => void = () => undefined,
): Leases {
  const batchOf = ({ burst }: Quota) => Math.max(1, Math.floor(burst * advance));
  /** One that has left may have spent its part: the most that there ever were count. */
  let sharers = 1;

  function covers(claim: Claim, at: number): boolean {
    sharers = Math.max(sharers, counts.sharers ?? 1);
    const part = Math.floor((claim.quota.burst * advance) / sharers);
    // Of what answers carry, a claim spends nothing.
    return isCovered(claim, claim.cost, at, claim.work === 0 ? Math.max(1, part) : part);
  }

  /** Asks for one share, one question at a time, that nobody waits for. */
  function askBehind(share: Share): void {
    const { quota, holding } = share;
    if (holding.asking) return;
    const ample = quota.measure === 'requests' && knownLeft(share, now()) > quota.burst / 2;
    const units = ample && holding.units < batchOf(quota) / 2 ? batchOf(quota) : 0;
    if (units === 0 && holding.units >= 0) return;
    holding.asking = true;
    const settle = () => {
      holding.asking = false;
    };
    ask([{ share, units }]).then(settle, settle);
  }

  /** One round trip. What is owed is told with it, and owed again where nobody heard of it. */
  async function ask(wanted: readonly { share: Share; units: number }[]): Promise<void> {
    const owed = wanted.map(({ share }) => Math.max(0, -share.holding.units));
    for (const [index, { share }] of wanted.entries()) carry(share, owed[index] ?? 0);
    const asks = wanted.map(({ share: { quota }, units }, index) => {
      return { quota, units, owed: owed[index] ?? 0 };
    });
    try {
      const grants = await counts.take(asks);
      for (const [index, { share }] of wanted.entries()) {
        take(share, grants[index]);
        share.holding.telling -= owed[index] ?? 0;
      }
    } catch (error) {
      for (const [index, { share }] of wanted.entries()) carry(share, -(owed[index] ?? 0));
      throw error;
    }
  }

  function carry({ holding }: Share, owed: number): void {
    holding.units += owed;
    holding.telling += owed;
  }

  function take(share: Share, grant: Grant | undefined): void {
    if (!grant) throw new TypeError('an ask without a grant');
    const { holding } = share;
    holding.units += grant.units;
    holding.left = grant.left;
    holding.at = now();
    holding.until = holding.at + grant.lasts;
    learned(share, grant.alone ?? false);
  }

  function spent(claims: readonly Claim[]): void {
    for (const claim of claims) {
      claim.holding.units -= claim.work;
      askBehind(claim);
    }
  }

  /** Beyond half, what nobody waits for is left to the others. */
  function giveBack({ quota, holding }: Share): void {
    const { units, left, waiting } = holding;
    if (units <= 0 || waiting > 0 || left > quota.burst / 2) return;
    counts.giveBack(quota, units);
    holding.left += units;
    holding.units = 0;
  }

  async function spendAsking(claims: readonly Claim[]): Promise<Short | null> {
    const lacking = claims.filter((claim) => !covers(claim, now()));
    for (const { holding } of lacking) holding.waiting++;
    try {
      await ask(
        lacking.map((claim) => ({ share: claim, units: claim.work === 0 ? 0 : claim.cost })),
      );
    } finally {
      for (const { holding } of lacking) holding.waiting--;
    }
    // What it was granted may have paid for others, which went on credit meanwhile.
    const short = lacking.find((claim) => missingOf(claim) > 0 && !covers(claim, now()));
    if (!short) spent(claims);
    for (const claim of lacking) giveBack(claim);
    if (!short) return null;
    const { units, period } = short.quota;
    return { quota: short.quota, wait: (missingOf(short) * period) / units };
  }

  return {
    spend(claims) {
      const at = now();
      if (!claims.every((claim) => covers(claim, at))) return spendAsking(claims);
      spent(claims);
      return null;
    },
    owe: (share, units) => {
      share.holding.units -= units;
      askBehind(share);
    },
    undo: (claims) => {
      for (const { holding, work } of claims) holding.units += work;
    },
  };
}

/** What a claim still lacks right after it was asked for. */
function missingOf({ holding, cost, work }: Claim): number {
  return cost - (work === 0 ? holding.left : holding.units);
}
