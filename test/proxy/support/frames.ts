const flags = { endStream: 0x1, endHeaders: 0x4 };

/** What opens a client's side: the magic and empty settings. */
export const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frameOf(4, 0, 0, Buffer.alloc(0)),
]);

/** HEADERS that leave the stream open: method and path, then name, value, name, value… */
export function headers(stream: number, [method, path]: [string, string], more: string[]): Buffer {
  const pseudo = [':method', method, ':path', path, ':scheme', 'https', ':authority', 'localhost'];
  const block = literals([...pseudo, ...more]);
  return frameOf(1, flags.endHeaders, stream, block);
}

/** DATA, which ends the stream where `end` says so. */
export function data(stream: number, text: string, end = false): Buffer {
  return frameOf(0, end ? flags.endStream : 0, stream, Buffer.from(text, 'latin1'));
}

/** RST_STREAM. */
export function reset(stream: number, code: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frameOf(3, 0, stream, payload);
}

/** Any frame (RFC 9113, section 4.1). */
export function frameOf(type: number, flag: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block of literals, none of them indexed or compressed (RFC 7541, section 6.2.2). */
export function literals(fields: string[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    parts.push(Buffer.from([0]), text(fields[at] ?? ''), text(fields[at + 1] ?? ''));
  }
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const rest = bytes.length - 127;
  const length = [127];
  let left = rest;
  for (; left >= 128; left >>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

/** A frame as it was read. */
export interface ReadFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The whole frames in some bytes; what is left over goes to `rest`. */
export function framesIn(bytes: Buffer, rest: Buffer[]): ReadFrame[] {
  const frames: ReadFrame[] = [];
  let left = bytes;
  while (left.length >= 9 && left.length >= 9 + left.readUIntBE(0, 3)) {
    const end = 9 + left.readUIntBE(0, 3);
    const [type, flags] = [left[3] ?? 0, left[4] ?? 0];
    frames.push({ type, flags, stream: left.readUInt32BE(5), payload: left.subarray(9, end) });
    left = left.subarray(end);
  }
  if (left.length > 0) rest.push(left);
  return frames;
}
