import { isWord } from '../identity/keys/entry.ts';
import type { KeyOrder } from '../identity/keys/mint.ts';
import { isAddressBlock } from '../identity/keys/sources.ts';
import type { Verb, VerbInput } from './verb.ts';

/** The options by which `keys create` and `keys hash` are told what a key may do. */
export const keyOrderOptions = {
  name: { type: 'string', help: 'what the key is for, for people' },
  role: { type: 'string', multiple: true, help: 'a role of policies/; give it again for more' },
  upstream: { type: 'string', help: 'the only upstream it is valid at (default: all)' },
  expires: { type: 'string', help: '90d, 12h or 2027-01-31T00:00:00Z (default: never)' },
  source: { type: 'string', multiple: true, help: 'an address block it may be used from' },
  label: { type: 'string', multiple: true, help: 'k=v, for records and policies' },
} as const satisfies Verb['options'];

const units: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads those options. Throws `Error` with a sentence for people. */
export function readKeyOrder(values: VerbInput['values'], now: number): KeyOrder {
  const name = one(values['name']);
  const roles = many(values['role']);
  if (!name) throw new Error('--name is missing; say what the key is for');
  if (roles.length === 0) throw new Error('--role is missing; name a role that policies/ grants');
  for (const text of [name, ...roles]) {
    if (!isWord(text)) throw new Error(`${JSON.stringify(text)} is no name; use printable text`);
  }
  return {
    name,
    roles,
    upstream: one(values['upstream']) ?? null,
    expires: readExpires(values, now),
    sources: many(values['source']).map(checkedBlock),
    labels: Object.fromEntries(many(values['label']).map(pairOf)),
  };
}

/** The time that `--expires` names, in milliseconds since 1970; null: never. Throws `Error`. */
export function readExpires(values: VerbInput['values'], now: number): number | null {
  const expires = one(values['expires']);
  return expires === undefined ? null : timeOf(expires, now);
}

/** How long `7d` and the like are, in milliseconds. Throws `Error` with a sentence for people. */
export function durationOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`${option} ${text} is no time span; write 7d or 12h`);
  return Number(count) * (units[unit] ?? 0);
}

type Value = VerbInput['values'][string];

function one(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function many(value: Value): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((each) => typeof each === 'string');
}

function timeOf(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const time = count === undefined ? dateOf(text) : now + Number(count) * (units[unit] ?? 0);
  if (Number.isNaN(time)) {
    throw new Error(`--expires ${text} is no time; write 90d, 12h or 2027-01-31T00:00:00Z`);
  }
  if (time <= now) throw new Error(`--expires ${text} has passed; give a time to come`);
  return time;
}

function dateOf(text: string): number {
  const dated = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  return dated ? Date.parse(text) : Number.NaN;
}

function checkedBlock(text: string): string {
  if (isAddressBlock(text)) return text;
  throw new Error(`--source ${text} is no address block; write 10.0.0.0/8 or fd00::/8`);
}

function pairOf(text: string): [string, string] {
  const [, name = '', value = ''] = /^([A-Za-z][\w.-]{0,62})=(.+)$/s.exec(text) ?? [];
  if (!isWord(value)) throw new Error(`--label ${JSON.stringify(text)} is no pair; write app=rag`);
  return [name, value];
}
