import { brotliDecompressSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../failure.ts';
import type { Body } from '../http/body.ts';
import { type Head, headerOf } from '../http/head.ts';
import { BrokenGzip, inflateFirst } from '../inflate.ts';
import { parseDocument } from '../json/document.ts';
import { explained, Malformed } from '../json/malformed.ts';
import type { Read } from '../json/read.ts';

/** The longest body that is read, after inflating. */
const longest = 32 * 1024 * 1024;

/** What is read of a body that nobody asked for. */
const unasked = 64 * 1024;

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: inflateFirst,
  'x-gzip': inflateFirst,
  deflate: (bytes) => inflateSync(bytes, { maxOutputLength: longest }),
  br: (bytes) => brotliDecompressSync(bytes, { maxOutputLength: longest }),
  zstd: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: longest }),
};

/** Reads a body as JSON, whatever type it is said to have. */
export async function readBody<T>(head: Head, body: Body, read: Read<T>): Promise<T> {
  const bytes = decoded(await collected(body), headerOf(head, 'content-encoding'));
  // A character for each byte: so offsets are those that errors are told with.
  const text = bytes.toString('latin1');
  try {
    return read(parseDocument(text), 'live');
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Failure('malformed', `Format error in JSON body: ${explained(error, text)}`);
  }
}

/** Reads over a body that nobody asked for, if it is short. */
export async function dropBody({ chunks, state }: Body): Promise<void> {
  for (let length = 0; !state.finished && length < unasked; ) {
    const next = await chunks.next();
    length += next.done ? 0 : next.value.length;
  }
}

async function collected({ chunks }: Body): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > longest) throw tooLarge();
    parts.push(chunk);
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

function decoded(bytes: Buffer, encoding: string | undefined): Buffer {
  const decoder = decoders[encoding?.toLowerCase() ?? ''];
  if (!decoder) return bytes;
  try {
    const whole = decoder(bytes);
    if (whole.length > longest) throw tooLarge();
    return whole;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof BrokenGzip ? error.message : 'invalid stream';
    throw new Failure('malformed', `Error that occur during reading payload: ${reason}`);
  }
}

function tooLarge(): Failure {
  const size = `${longest / 1024 / 1024} MB`;
  return new Failure('tooLarge', `JSON payload has exceeded limit (${size}).`);
}
