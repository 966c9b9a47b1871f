import type { LimitState } from '../refusal.ts';

/** The quota units of the draft's registry; the rest are this gateway's own. */
const quotaUnits = {
  requests: 'requests',
  concurrent: 'concurrent-requests',
  points: 'points',
  bytes: 'content-bytes',
  sweep: 'collection-parts',
} as const satisfies Record<LimitState['measure'], string>;

/**
 * The fields that tell a caller its limits and what is left of them: `RateLimit-Policy` and
 * `RateLimit`, lists of structured fields (draft-ietf-httpapi-ratelimit-headers-10, sections 3 and
 * 4; RFC 9651). Name, value, name, value.
 */
export function rateLimitFields(limits: readonly LimitState[]): string[] {
  const policies = limits.map(({ name, measure, units, window }) => {
    const within = window === null ? '' : `;w=${window}`;
    return `${text(name)};q=${units};qu=${text(quotaUnits[measure])}${within}`;
  });
  const states = limits.map(({ name, left, reset }) => {
    return `${text(name)};r=${left}${reset > 0 ? `;t=${reset}` : ''}`;
  });
  return ['ratelimit-policy', policies.join(', '), 'ratelimit', states.join(', ')];
}

/** A string of structured fields (RFC 9651, section 3.3.3). Role names are printable ASCII. */
function text(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
