import { gunzipSync } from 'node:zlib';
import type { GrpcExchange } from './transcripts.ts';

/** The frames of a recorded call. */
export function framesOf({ body, messages }: GrpcExchange): Buffer {
  if (typeof body === 'string') return Buffer.from(body, 'base64');
  const sent = messages ?? [];
  return Buffer.concat(
    sent.map(({ base64, compressed }) => {
      return frame(Buffer.from(base64, 'base64'), compressed === true);
    }),
  );
}

/** A message in its frame. */
export function frame(message: Buffer, compressed: boolean): Buffer {
  const head = Buffer.alloc(5);
  head[0] = Number(compressed);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The messages of an answer, inflated. */
export function unframed(body: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const end = at + 5 + body.readUInt32BE(at + 1);
    const message = body.subarray(at + 5, end);
    messages.push(body[at] === 1 ? gunzipSync(message) : message);
    at = end;
  }
  return messages;
}
