import type { Refusal, RefusalCode } from '../../refusal.ts';
import type { WrittenRefusal } from '../database.ts';
import type { Protocol } from '../operation.ts';
import { rateLimitFields } from '../rate-limit.ts';

/** Milvus's own codes (pkg/util/merr/errors.go) for the body of a REST answer. */
const codes: Readonly<Record<RefusalCode, number>> = {
  'not-authenticated': 1800,
  'not-permitted': 65535,
  'over-limit': 1807,
  'unknown-operation': 65535,
  'unreadable-request': 1801,
  'too-large': 1100,
  'audit-unavailable': 2,
  'store-unavailable': 2,
  'upstream-unreachable': 2,
  'upstream-timeout': 2,
  overloaded: 8,
  'gateway-fault': 5,
};

const permissionDenied = 7;
const unimplemented = 12;
const nothing = new Uint8Array(0);

/**
 * A refusal as Milvus's clients read one. On gRPC a status in a trailers-only answer, as its
 * interceptors give it (internal/proxy/authentication_interceptor.go, privilege_interceptor.go):
 * pymilvus would send a denial in a message, or without a status, up to 75 times. On REST the JSON
 * of its handlers (distributed/proxy/httpserver), with a status that says the same.
 */
export function writeRefusal(protocol: Protocol, refusal: Refusal): WrittenRefusal {
  return protocol === 'grpc' ? writeStatus(refusal) : writeAnswer(refusal);
}

function writeAnswer(refusal: Refusal): WrittenRefusal {
  const { code, http, challenge } = refusal;
  const fields = ['content-type', 'application/json; charset=utf-8', ...ownFields(refusal)];
  if (challenge !== undefined) fields.push('www-authenticate', challenge);
  const body = JSON.stringify({ code: codes[code], message: messageOf(refusal) });
  return { status: http, fields, body: Buffer.from(body, 'utf8') };
}

function messageOf(refusal: Refusal): string {
  if (refusal.code === 'not-authenticated') return "user hasn't authenticated";
  if (refusal.code !== 'not-permitted') return refusal.told;
  return `rpc error: code = PermissionDenied desc = ${denial(refusal.told)}`;
}

function writeStatus(refusal: Refusal): WrittenRefusal {
  const fields = [
    ...['content-type', 'application/grpc'],
    ...['grpc-status', String(statusOf(refusal))],
    ...['grpc-message', percentEncoded(detailsOf(refusal))],
    ...ownFields(refusal),
  ];
  return { status: 200, fields, body: nothing };
}

/** UNIMPLEMENTED is what an older Milvus says: the Node SDK makes it a success without content. */
function statusOf({ code, grpc }: Refusal): number {
  return code === 'unknown-operation' && grpc === unimplemented ? permissionDenied : grpc;
}

function detailsOf({ code, told, challenge }: Refusal): string {
  if (code === 'not-permitted' || code === 'unknown-operation') return denial(told);
  if (code !== 'not-authenticated') return told;
  // Whoever showed nothing hears of no error in it (RFC 6750, section 3.1).
  return challenge?.includes('error=')
    ? 'auth check failure, please check api key is correct'
    : 'missing authorization in header';
}

/** Clients and tests of Milvus look for the words `permission deny`. */
function denial(told: string): string {
  if (told.includes('permission deny')) return told;
  const about = told.replace(/^Forbidden(: )?/, '');
  return about === '' ? 'permission deny' : `permission deny: ${about}`;
}

function ownFields({ code, retryAfter, limits }: Refusal): string[] {
  const fields = ['x-vectorgate-refusal', code];
  if (retryAfter !== undefined) fields.push('retry-after', String(retryAfter));
  return limits.length === 0 ? fields : [...fields, ...rateLimitFields(limits)];
}

/** As grpc-go encodes a status message (internal/transport/http_util.go, encodeGrpcMessage):
 * whatever is not printable ASCII, and `%`. */
function percentEncoded(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x25;
    encoded += plain
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
