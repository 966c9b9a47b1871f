import type { z } from 'zod';
import { Refusal } from '../refusal.ts';
import type { Asked } from './port.ts';
import type { AdminRoute } from './route.ts';

const json = /^application\/json(?: *; *charset=utf-8)?$/i;
/** What only browsers send: a page of somebody else must not act by a certificate that its reader
 * has, nor by a port that only its reader reaches. */
const browserFields = ['origin', 'sec-fetch-site', 'cookie'];

/** Refuses what a browser sends, whatever page told it to. Throws `Refusal` not-permitted. */
export function refuseBrowsers({ rawHeaders }: Asked): void {
  const sent = rawHeaders.find(
    (field, at) => at % 2 === 0 && browserFields.includes(field.toLowerCase()),
  );
  if (sent === undefined) return;
  throw new Refusal('not-permitted', `${sent.toLowerCase()} was sent, as browsers do`, {
    told: 'This port takes no call from a browser',
  });
}

/** The query of a call as its route reads it: names once each. Throws `Refusal`
 * unreadable-request. */
export function readQuery({ query: schema }: AdminRoute, { query }: Asked): unknown {
  const given = new URLSearchParams(query);
  const names = [...given.keys()];
  if (new Set(names).size !== names.length) throw unreadable('a name of the query is repeated');
  if (schema) return checked(schema, Object.fromEntries(given), 'query');
  if (query !== '') throw unreadable('this call takes no query');
  return null;
}

/** The body of a call as its route reads it: one JSON document. Throws `Refusal`
 * unreadable-request. */
export function readBody({ body: schema }: AdminRoute, { body, rawHeaders }: Asked): unknown {
  const types = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'content-type',
  );
  const isJson = types.length === 1 && json.test(types[0] ?? '');
  if (types.length > 0 && !isJson) throw unreadable('send application/json', 415);
  if (!schema) {
    if (body.length > 0) throw unreadable('this call takes no body');
    return null;
  }
  if (!isJson) throw unreadable('send application/json', 415);
  return checked(schema, parsed(body), 'body');
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The parser's own words repeat what was sent, and that may be a secret.
    throw unreadable('the body is no JSON in UTF-8');
  }
}

function checked(schema: z.ZodType, given: unknown, where: string): unknown {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  const unknown = issue?.code === 'unrecognized_keys';
  const message = unknown ? 'it has members that are not known' : (issue?.message ?? 'not good');
  throw unreadable(`${path === '' ? `the ${where}` : path}: ${message}`);
}

function unreadable(sentence: string, http = 400): Refusal {
  return new Refusal('unreadable-request', sentence, { told: sentence, http });
}
