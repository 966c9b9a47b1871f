import type { Extent, Need } from '../catalog/operation.ts';
import { type CompiledRule, holdsIn, reaches, speaksOf } from './compiled-rule.ts';
import type { Limited } from './decision.ts';
import { bothExtents } from './extent.ts';
import { type Placed, type Quota, quotasOf } from './quota.ts';
import type { Role } from './role.ts';
import { sweepMeter } from './sweeping.ts';

/** The limits of one identity: those of its roles, and those of the rules that a need meets. */
export interface Limiting extends Limited {
  /** What counts for one need, that of everything included. */
  quotasFor(need: Need): readonly Quota[];
  /** What the answer to one need may carry; null: everything. */
  extentFor(need: Need): Extent | null;
}

/** How many counts of one rule an identity has at most, one for each collection and action: names
 * are the caller's to choose. Whatever comes later shares one more. */
const mostScopes = 1024;

/** What limits an identity; null where nothing does. All limits that meet a need count for it, not
 * only those of the rule that allows it: so the tightest holds, in whatever order they stand. */
export function limitingOf(
  roles: readonly Role[],
  allow: readonly CompiledRule[],
  holder: string,
): Limiting | null {
  const quotas = roles.flatMap(({ limits }) => (limits ? quotasOf(limits, holder, '') : []));
  const metered = allow.flatMap((rule) =>
    rule.limits ? [meteredBy(rule, rule.limits, holder)] : [],
  );
  const sweeps = roles.flatMap(({ limits }) => (limits && sweepMeter(limits, holder)) ?? []);
  const extent = roles.reduce(
    (all: Extent | null, { limits }) => bothExtents(all, limits?.limits.extent ?? null),
    null,
  );
  const confined = extent !== null || metered.some(({ extent }) => extent !== null);
  const none = quotas.length === 0 && metered.length === 0 && sweeps.length === 0;
  if (none && !confined) return null;
  return {
    quotas,
    confined,
    extentFor: (need) =>
      metered
        .filter(({ rule }) => meets(rule, need))
        .reduce((all, each) => bothExtents(all, each.extent), extent),
    quotasFor: (need) => {
      const met = metered.filter(({ rule }) => meets(rule, need));
      if (met.length === 0 && sweeps.length === 0) return quotas;
      const meters = [...sweeps, ...met.flatMap(({ sweep }) => sweep ?? [])];
      const swept = meters.flatMap((each) => each.quotaFor(need) ?? []);
      return [...quotas, ...met.flatMap((each) => each.quotasFor(need)), ...swept];
    },
    ruleQuotas: () => [
      ...metered.flatMap(({ made, sweep }) => [
        ...[...made.values()].flat(),
        ...(sweep?.made() ?? []),
      ]),
      ...sweeps.flatMap((each) => each.made()),
    ],
  };
}

function meets(rule: CompiledRule, need: Need): boolean {
  const { operation, action, collection, database } = need;
  const name = action === operation.action ? operation.name : null;
  if (!speaksOf(rule, action, name)) return false;
  if (!collection) return rule.whole && holdsIn(rule, database);
  return reaches(rule, database, collection);
}

/** One rule's quotas by collection and action, each made once: the same objects for the same. A
 * collection counts as itself, by whichever alias it is reached. */
function meteredBy(rule: CompiledRule, limits: Placed, holder: string) {
  const made = new Map<string, readonly Quota[]>();
  const quotasFor = ({ action, collection, database }: Need): readonly Quota[] => {
    const within = database === null ? '' : `${database}/`;
    const wanted = `${within}${collection?.resolved ?? ''} ${action}`;
    const scope = made.size < mostScopes || made.has(wanted) ? wanted : '* *';
    const known = made.get(scope);
    if (known) return known;
    // A copy of its own: it would keep the whole request that its name was cut from.
    const own = Buffer.from(scope, 'utf8').toString('utf8');
    const quotas = quotasOf(limits, holder, own);
    made.set(own, quotas);
    return quotas;
  };
  return { rule, made, quotasFor, extent: limits.limits.extent, sweep: sweepMeter(limits, holder) };
}
