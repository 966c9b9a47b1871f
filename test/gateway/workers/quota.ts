import type { Quota } from '../../../src/policy/quota.ts';

/** A quota of requests. */
export function quotaOf(rate: Pick<Quota, 'units' | 'burst' | 'period'>): Quota {
  return {
    key: 'search.requests\n\n',
    name: 'search.requests',
    scope: '',
    measure: 'requests',
    ...rate,
  };
}
