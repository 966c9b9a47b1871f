import { BadUsage, type VerbInput } from './verb.ts';

const units: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The time that `--expires` names, in milliseconds since 1970; null: never. Throws `BadUsage`. */
export function readExpires(values: VerbInput['values'], now: number): number | null {
  const expires = values['expires'];
  return typeof expires === 'string' ? timeOf(expires, now) : null;
}

/** How long `7d` and the like are, in milliseconds. Throws `BadUsage`. */
export function durationOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count === undefined) throw new BadUsage(`${option} ${text} is no time span; write 7d or 12h`);
  return Number(count) * (units[unit] ?? 0);
}

function timeOf(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const time = count === undefined ? dateOf(text) : now + Number(count) * (units[unit] ?? 0);
  if (Number.isNaN(time)) {
    throw new BadUsage(`--expires ${text} is no time; write 90d, 12h or 2027-01-31T00:00:00Z`);
  }
  if (time <= now) throw new BadUsage(`--expires ${text} has passed; give a time to come`);
  return time;
}

function dateOf(text: string): number {
  const dated = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  return dated ? Date.parse(text) : Number.NaN;
}
