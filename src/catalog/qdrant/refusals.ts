import type { Refusal } from '../../refusal.ts';
import type { WrittenRefusal } from '../database.ts';
import type { Protocol } from '../operation.ts';
import { rateLimitFields } from '../rate-limit.ts';

const nothing = new Uint8Array(0);

/** A refusal in Qdrant's own shape: the JSON of its handlers, the bare text of its authentication
 * (src/actix/helpers.rs, src/actix/auth.rs), a status in trailers on gRPC. */
export function writeRefusal(protocol: Protocol, refusal: Refusal): WrittenRefusal {
  return protocol === 'grpc' ? writeStatus(refusal) : writeAnswer(refusal);
}

/** What Qdrant says to those who show nothing, and something else than a valid credential (its
 * src/common/auth/mod.rs). */
function sentenceOf({ code, told, challenge }: Refusal): string {
  if (code !== 'not-authenticated') return told;
  return challenge?.includes('error=')
    ? 'Invalid API key or JWT'
    : 'Must provide an API key or an Authorization bearer token';
}

function writeAnswer(refusal: Refusal): WrittenRefusal {
  const fields = ownFields(refusal);
  if (refusal.challenge !== undefined) fields.push('www-authenticate', refusal.challenge);
  if (refusal.code === 'not-authenticated') {
    return { status: refusal.http, fields, body: Buffer.from(sentenceOf(refusal), 'utf8') };
  }
  const body = JSON.stringify({ status: { error: sentenceOf(refusal) }, time: 0 });
  return {
    status: refusal.http,
    fields: ['content-type', 'application/json', ...fields],
    body: Buffer.from(body.replace(/0}$/, '0.0}'), 'utf8'),
  };
}

function writeStatus(refusal: Refusal): WrittenRefusal {
  const fields = [
    'content-type',
    'application/grpc',
    'grpc-status',
    String(refusal.grpc),
    'grpc-message',
    percentEncoded(sentenceOf(refusal)),
    ...ownFields(refusal),
  ];
  return { status: 200, fields, body: nothing };
}

function ownFields(refusal: Refusal): string[] {
  const fields = ['x-vectorgate-refusal', refusal.code];
  if (refusal.retryAfter !== undefined) fields.push('retry-after', String(refusal.retryAfter));
  return refusal.limits.length === 0 ? fields : [...fields, ...rateLimitFields(refusal.limits)];
}

/** As tonic encodes a status message (tonic/src/status.rs, ENCODING_SET): controls, spaces,
 * ``"#%<>`?{}`` and whatever is not ASCII. */
function percentEncoded(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const plain = byte > 0x20 && byte < 0x7f && !special.has(byte);
    encoded += plain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

const special = new Set(Buffer.from('"#%<>`?{}'));
