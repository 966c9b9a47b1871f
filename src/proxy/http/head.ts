import { Refusal } from '../../refusal.ts';
import { oneField } from '../fields.ts';

/** What the head of a REST request says of its body. */
export interface Framing {
  /** As `Body.declared`. */
  readonly declared: number | null;
  /** Whether the body waits to be asked for. */
  readonly heldBack: boolean;
}

const digits = /^\d{1,15}$/;

/**
 * Reads the framing of an HTTP/1.1 request from its fields alone, and refuses all that two readers
 * could frame differently (RFC 9112, sections 3.2, 6 and 7).
 * Throws `Refusal` unreadable-request.
 */
export function readHead1(
  version: string,
  target: string,
  fields: readonly string[],
  mostFields: number,
): Framing {
  if (version !== '1.1') throw unreadable(`HTTP/${version} is not served`, 505);
  if (fields.length > mostFields * 2) throw unreadable(`${fields.length / 2} fields`, 431);
  if (!target.startsWith('/')) throw unreadable('the target is not a path');
  if (oneField(fields, 'host') === undefined) throw unreadable('Host is missing');
  if (asksUpgrade(fields)) throw unreadable('an upgrade is asked for', 501);
  refuseEncoded(fields);
  return { declared: length1(fields), heldBack: expects(fields) };
}

/** The same for a stream of HTTP/2, whose framing is the protocol's own. `ended`: with its head. */
export function readHead2(fields: readonly string[], ended: boolean): Framing {
  refuseEncoded(fields);
  if (expects(fields)) throw unreadable('Expect on HTTP/2', 417);
  const length = oneField(fields, 'content-length');
  if (length !== undefined && !digits.test(length)) throw unreadable('Content-Length is no number');
  const declared = length === undefined ? null : Number(length);
  return { declared: ended ? 0 : declared, heldBack: false };
}

function length1(fields: readonly string[]): number | null {
  const coding = oneField(fields, 'transfer-encoding');
  const length = oneField(fields, 'content-length');
  if (coding !== undefined) {
    if (length !== undefined) throw unreadable('both Content-Length and Transfer-Encoding');
    if (coding.toLowerCase() !== 'chunked') throw unreadable('Transfer-Encoding is not chunked');
    return null;
  }
  if (length === undefined) return 0;
  if (!digits.test(length)) throw unreadable('Content-Length is no number');
  return Number(length);
}

function expects(fields: readonly string[]): boolean {
  const expected = oneField(fields, 'expect');
  if (expected === undefined) return false;
  if (expected.toLowerCase() === '100-continue') return true;
  throw unreadable('Expect is other than 100-continue', 417);
}

/** By either field a connection would go on as something else: HTTP/2, past the reader of requests
 * (RFC 7540, section 3.2). */
function asksUpgrade(fields: readonly string[]): boolean {
  return ['upgrade', 'http2-settings'].some((name) => oneField(fields, name) !== undefined);
}

function refuseEncoded(fields: readonly string[]): void {
  const encoding = oneField(fields, 'content-encoding');
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw unreadable('the body is encoded', 415);
}

function unreadable(reason: string, http = 400): Refusal {
  return new Refusal('unreadable-request', reason, { http });
}
