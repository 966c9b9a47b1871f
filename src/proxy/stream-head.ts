import { Refusal } from '../refusal.ts';
import { oneField } from './fields.ts';

/** The head of an HTTP/2 request, whatever it carries. */
export interface StreamHead {
  readonly method: string;
  readonly target: string;
  /** Name, value, name, value…; `:authority` stands as `host`, and pseudo-fields are left out. */
  readonly fields: readonly string[];
  readonly objection: Refusal | null;
}

/** What a field takes beside its name and value, by HPACK's reckoning (RFC 7541, section 4.1). */
const fieldOverhead = 32;

/**
 * Reads the head of a stream. `most`: the bytes it may take; a client that never acknowledges our
 * settings is held to nothing by nghttp2. nghttp2 has refused upper case, connection fields, and
 * pseudo-fields that are repeated, missing or late (RFC 9113, section 8).
 */
export function readStreamHead(raw: readonly string[], most: number): StreamHead {
  let bytes = 0;
  const fields: string[] = [];
  let method = '';
  let target = '';
  let authority: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    bytes += name.length + value.length + fieldOverhead;
    if (name.charCodeAt(0) !== 58) fields.push(name, value);
    else if (name === ':method') method = value;
    else if (name === ':path') target = value;
    else if (name === ':authority') authority = value;
  }
  const large = bytes > most ? unreadable(`a head of ${bytes} bytes`, 431) : null;
  const objection = large ?? objectionTo(method, target, authority, fields);
  if (authority !== undefined && objection === null && !hasHost(fields)) {
    fields.push('host', authority);
  }
  return { method, target, fields, objection };
}

function objectionTo(
  method: string,
  target: string,
  authority: string | undefined,
  fields: readonly string[],
): Refusal | null {
  if (method === 'CONNECT') return unreadable('CONNECT is not served', 405);
  if (!target.startsWith('/')) return unreadable('the target is not a path');
  try {
    const host = oneField(fields, 'host');
    if (host === undefined || authority === undefined || host === authority) return null;
  } catch (error) {
    return error as Refusal;
  }
  return unreadable('Host is unlike :authority');
}

function hasHost(fields: readonly string[]): boolean {
  return fields.some((name, at) => at % 2 === 0 && name === 'host');
}

function unreadable(reason: string, http = 400): Refusal {
  return new Refusal('unreadable-request', reason, { http });
}
