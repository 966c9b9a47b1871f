import type { Span } from '../audit/past.ts';
import type { Wanted } from '../audit/story.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** The options by which audit records are found. */
export const filterOptions = {
  principal: { type: 'string', help: 'only this principal, by id or name' },
  collection: { type: 'string', help: 'only this collection or alias' },
  event: { type: 'string', help: 'only this event: data.query, or data.*' },
  decision: { type: 'string', help: 'only allow, or only deny' },
} as const satisfies Verb['options'];

/** What the options ask for. Throws `BadUsage`. */
export function wantedBy(values: VerbInput['values']): Wanted {
  return {
    principal: textOf(values, 'principal'),
    collection: textOf(values, 'collection'),
    event: textOf(values, 'event'),
    decision: decisionOf(values),
  };
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The span between two options, each a point in time or how long ago it is. Throws
 * `BadUsage`. */
export function spanBy(values: VerbInput['values'], from: string, to: string, now: number): Span {
  const at = (name: string) => {
    const text = textOf(values, name);
    return text === undefined ? null : timeOf(name, text, now);
  };
  return { from: at(from), to: at(to) };
}

function timeOf(option: string, text: string, now: number): string {
  const [, digits, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ago = unit === undefined ? null : now - Number(digits) * (units[unit] ?? 0);
  const time = ago ?? (/^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN);
  if (Number.isNaN(time)) {
    throw new BadUsage(`--${option} ${text} is no time; write 7d, 12h or 2026-11-22T15:04:05Z`);
  }
  return `${new Date(time).toISOString().slice(0, 23)}000Z`;
}

function decisionOf(values: VerbInput['values']): string | undefined {
  const decision = textOf(values, 'decision');
  if (decision === undefined || decision === 'allow' || decision === 'deny') return decision;
  throw new BadUsage(`--decision ${decision} is unknown; write allow or deny`);
}

function textOf(values: VerbInput['values'], name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}
