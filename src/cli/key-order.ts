import type { KeyOrder } from '../identity/keys/mint.ts';
import { isAddressBlock } from '../identity/keys/sources.ts';
import { isWord } from '../identity/word.ts';
import { readExpires } from './key-time.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** The options by which `keys create` and `keys hash` are told what a key may do. */
export const keyOrderOptions = {
  name: { type: 'string', help: 'what the key is for, for people' },
  role: { type: 'string', multiple: true, help: 'a role of policies/; give it again for more' },
  upstream: { type: 'string', help: 'the only upstream it is valid at (default: all)' },
  expires: { type: 'string', help: '90d, 12h or 2027-01-31T00:00:00Z (default: never)' },
  source: { type: 'string', multiple: true, help: 'an address block it may be used from' },
  label: { type: 'string', multiple: true, help: 'k=v, for records and policies' },
} as const satisfies Verb['options'];

/** Reads those options. Throws `BadUsage`. */
export function readKeyOrder(values: VerbInput['values'], now: number): KeyOrder {
  const name = one(values['name']);
  const roles = many(values['role']);
  if (!name) throw new BadUsage('--name is missing; say what the key is for');
  if (roles.length === 0)
    throw new BadUsage('--role is missing; name a role that policies/ grants');
  for (const text of [name, ...roles]) {
    if (!isWord(text)) throw new BadUsage(`${JSON.stringify(text)} is no name; use printable text`);
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

type Value = VerbInput['values'][string];

function one(value: Value): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function many(value: Value): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((each) => typeof each === 'string');
}

function checkedBlock(text: string): string {
  if (isAddressBlock(text)) return text;
  throw new BadUsage(`--source ${text} is no address block; write 10.0.0.0/8 or fd00::/8`);
}

function pairOf(text: string): [string, string] {
  const [, name = '', value = ''] = /^([A-Za-z][\w.-]{0,62})=(.+)$/s.exec(text) ?? [];
  if (!isWord(value))
    throw new BadUsage(`--label ${JSON.stringify(text)} is no pair; write app=rag`);
  return [name, value];
}
