import type { ClientHttp2Stream } from 'node:http2';
import type { UpstreamRequest } from '../forwarder.ts';
import { originOf, type Reach } from '../reach.ts';

const prefixBytes = 5;
const nothing = new Uint8Array(0);
/** Messages up to this long are put behind their prefix in one piece. */
const shortMessage = 64 * 1024;
/** Fields that are this side's own, whatever the request brings. */
const own = new Set([
  'te',
  'content-type',
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
]);
/** The most that eight digits of `grpc-timeout` can say. */
const longest = 99_999_999;

/** Makes the writer of request heads for one database (gRPC over HTTP2, "Requests"). No compression
 * is asked for. */
export function headsFor(reach: Reach): (request: UpstreamRequest, now: number) => string[] {
  const scheme = reach.url.tls ? 'https' : 'http';
  const authority = originOf(reach.url).slice(scheme.length + '://'.length);
  return ({ target, fields, deadline }, now) => {
    const head = [':method', 'POST', ':scheme', scheme, ':path', target, ':authority', authority];
    head.push('te', 'trailers', 'content-type', 'application/grpc');
    if (deadline != null) {
      const left = Math.min(Math.max(Math.ceil(deadline - now), 1), longest);
      head.push('grpc-timeout', `${left}m`);
    }
    for (let at = 0; at < fields.length; at += 2) {
      const name = fields[at] as string;
      if (!own.has(name)) head.push(name, fields[at + 1] as string);
    }
    return head;
  };
}

/** Sends the one message of a unary call, which may go on in a tail, and ends the request. */
export function sendMessage(
  stream: ClientHttp2Stream,
  message: Uint8Array,
  tail: Uint8Array = nothing,
): void {
  const length = message.length + tail.length;
  const short = length <= shortMessage;
  const frame = Buffer.allocUnsafe(short ? prefixBytes + length : prefixBytes);
  frame[0] = 0;
  frame.writeUInt32BE(length, 1);
  if (short) {
    frame.set(message, prefixBytes);
    frame.set(tail, prefixBytes + message.length);
    return void stream.end(frame);
  }
  stream.write(frame);
  if (tail.length === 0) return void stream.end(message);
  stream.write(message);
  stream.end(tail);
}
