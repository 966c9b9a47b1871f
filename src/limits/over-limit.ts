import { Refusal } from '../refusal.ts';
import type { Standing } from './standing.ts';

/** The refusal of a request that some of its limits have no room for: it tells what is left of
 * each, and when to come back. `alert` is what an operator is to hear of it besides. */
export function overLimit(standing: readonly Standing[], alert: string | null): Refusal {
  const wait = Math.max(...standing.map(({ wait }) => wait));
  const short = standing.filter(({ wait }) => wait > 0).map(({ quota }) => quota);
  const reason = short.map(({ name, units, period }) => `${name} ${units}${per(period)}`);
  return new Refusal('over-limit', `over the limit ${reason.join(', ')}`, {
    retryAfter: seconds(wait),
    ...(alert === null ? {} : { alert }),
    limits: standing.map(({ quota, left, wait: until }) => ({
      name: quota.name,
      measure: quota.measure,
      units: quota.units,
      window: quota.period === 0 ? null : quota.period / 1000,
      left: until > 0 ? 0 : left,
      reset: seconds(until),
    })),
  });
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function per(period: number): string {
  return period === 0 ? '' : ` in ${period / 1000} s`;
}
