import type { Ask, NameTable, OwnRequest } from '../database.ts';

/** The requests whose answers together are the name table. */
export const nameRequests: readonly OwnRequest[] = ['/collections', '/aliases'].map((target) => ({
  protocol: 'http',
  method: 'GET',
  target,
  body: null,
}));

/** Reads the name table from those answers. Rejects with `TypeError` where one is not as
 * expected. */
export async function readNames(ask: Ask): Promise<NameTable> {
  const answers = await Promise.all(nameRequests.map(ask));
  const collections = new Set<string>();
  const aliases = new Map<string, string>();
  for (const entry of listIn(answers[0], 'collections')) collections.add(textIn(entry, 'name'));
  for (const entry of listIn(answers[1], 'aliases')) {
    aliases.set(textIn(entry, 'alias_name'), textIn(entry, 'collection_name'));
  }
  return { aliases, collections };
}

/** Reads the version from the answer to `GET /`. Throws `TypeError` where there is none. */
export function readVersion(answer: Buffer): string {
  return textIn(JSON.parse(answer.toString('utf8')), 'version');
}

function listIn(answer: Buffer | undefined, key: string): readonly unknown[] {
  const list = memberOf(memberOf(JSON.parse(answer?.toString('utf8') ?? ''), 'result'), key);
  if (!Array.isArray(list)) throw new TypeError(`the database's answer has no list ${key}`);
  return list;
}

function textIn(value: unknown, key: string): string {
  const text = memberOf(value, key);
  if (typeof text !== 'string') throw new TypeError(`the database's answer has no text ${key}`);
  return text;
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string, unknown>)[key];
}
