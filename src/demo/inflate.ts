import { crc32, inflateRawSync } from 'node:zlib';

/** A gzip stream that cannot be inflated. */
export class BrokenGzip extends Error {
  override readonly name = 'BrokenGzip';
}

/** Inflates the first member of a gzip stream; what follows it is ignored. */
export function inflateFirst(bytes: Buffer): Buffer {
  const start = headerLength(bytes);
  const { buffer, used } = inflate(bytes.subarray(start));
  const end = start + used;
  if (bytes.length < end + 8) throw new BrokenGzip('unexpected end of file');
  const sums = [crc32(buffer), buffer.length % 2 ** 32];
  if (bytes.readUInt32LE(end) !== sums[0] || bytes.readUInt32LE(end + 4) !== sums[1]) {
    throw new BrokenGzip('corrupt gzip stream does not have a matching checksum');
  }
  return buffer;
}

function inflate(bytes: Buffer): { readonly buffer: Buffer; readonly used: number } {
  try {
    // With `info` the answer is an object, which the declarations do not know.
    const found = inflateRawSync(bytes, { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { buffer: found.buffer, used: found.engine.bytesWritten };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    throw new BrokenGzip(
      code === 'Z_BUF_ERROR' ? 'unexpected end of file' : 'corrupt deflate stream',
    );
  }
}

function headerLength(bytes: Buffer): number {
  if (bytes.length < 10) throw new BrokenGzip('unexpected end of file');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) {
    throw new BrokenGzip('invalid gzip header');
  }
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (at + 2 <= bytes.length ? bytes.readUInt16LE(at) : bytes.length);
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) throw new BrokenGzip('unexpected end of file');
    at = end + 1;
  }
  return flags & 2 ? at + 2 : at;
}
