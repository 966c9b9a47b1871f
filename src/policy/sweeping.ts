import type { Need } from '../catalog/operation.ts';
import type { SweepLimit } from './limits.ts';
import type { Placed, Quota, Swept } from './quota.ts';

/** The sweeps of one place for one holder. */
export interface SweepMeter {
  /** The quota of the collection that a need is about; null where the need carries no points. */
  quotaFor(need: Need): Quota | null;
  /** All that were asked for so far. */
  made(): readonly Quota[];
}

/** How many collections an identity has a count of its own for, by one place: names are the
 * caller's to choose. Whatever comes later shares one more. */
const mostCounted = 1024;

/** Counts sweeps by collection, each as itself, by whichever alias it is reached; null where the
 * place says nothing of them. */
export function sweepMeter({ name, limits }: Placed, holder: string): SweepMeter | null {
  const { sweep, each } = limits;
  if (!sweep) return null;
  const whose = each === 'role' ? '' : holder;
  const made = new Map<string, Quota>();
  const quotaOf = (of: Swept | null, scope: string) =>
    sweepQuota(name, sweep, { of, whose, scope });
  return {
    quotaFor: (need) => {
      if (!carriesPoints(need)) return null;
      const of = sweptBy(need);
      const scope = of ? scopeOf(of) : '';
      const known = made.get(scope);
      if (known) return known;
      if (made.size >= mostCounted) return quotaOf(of, '*');
      const quota = quotaOf(of, scope);
      made.set(scope, quota);
      return quota;
    },
    made: () => [...made.values()],
  };
}

function sweepQuota(
  name: string,
  { units, period, exceed }: SweepLimit,
  { of, whose, scope }: { of: Swept | null; whose: string; scope: string },
): Quota {
  return {
    key: `${name}.sweep\n${whose}\n${scope}`,
    name: `${name}.sweep`,
    scope,
    measure: 'sweep',
    ...{ units, period, burst: units },
    sweep: { of, holder: whose, exceed },
  };
}

function carriesPoints({ action, operation }: Need): boolean {
  return action === 'read' || action === 'export' || operation.event === 'data.export';
}

/** A copy of its own: it would keep the whole request that its name was cut from. */
function sweptBy({ collection, database }: Need): Swept | null {
  if (!collection) return null;
  return { collection: owned(collection.resolved), database: database && owned(database) };
}

function owned(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function scopeOf({ database, collection }: Swept): string {
  return database === null ? collection : `${database}/${collection}`;
}
