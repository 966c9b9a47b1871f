import { createHash, timingSafeEqual } from 'node:crypto';

/** The keys of the database; without any, everyone may do everything. */
export interface Keys {
  readonly apiKey: string | undefined;
  readonly readOnlyApiKey: string | undefined;
}

/** What a caller may do, or the sentence that refuses it. */
export type Admission = { readonly access: 'manage' | 'read' } | { readonly refused: string };

/** Judges the first `api-key`, or else the first bearer token. */
export function admit(
  keys: Keys,
  headers: Iterable<readonly [name: string, value: string]>,
): Admission {
  if (!keys.apiKey && !keys.readOnlyApiKey) return { access: 'manage' };
  const credential = credentialOf([...headers]);
  if (credential === undefined) {
    return { refused: 'Must provide an API key or an Authorization bearer token' };
  }
  if (keys.apiKey && equal(credential, keys.apiKey)) return { access: 'manage' };
  if (keys.readOnlyApiKey && equal(credential, keys.readOnlyApiKey)) return { access: 'read' };
  return { refused: 'Invalid API key or JWT' };
}

function credentialOf(headers: readonly (readonly [string, string])[]): string | undefined {
  const key = headers.find(([name]) => name === 'api-key')?.[1];
  if (key !== undefined && visible(key)) return key;
  const authorization = headers.find(([name]) => name === 'authorization')?.[1];
  if (authorization === undefined || !visible(authorization)) return undefined;
  return authorization.startsWith('Bearer ') ? authorization.slice(7) : undefined;
}

/** Bytes beyond visible ASCII make a header one that was not sent. */
function visible(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
