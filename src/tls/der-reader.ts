/** One value of DER (ITU-T X.690): its tag, its content, and all of its bytes. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** Tags of the types that certificates and revocation lists are made of. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The values that follow each other in some bytes. Throws `RangeError` where these are not DER. */
export function* derValues(bytes: Buffer): Generator<DerValue, void> {
  for (let at = 0; at < bytes.length; ) {
    const value = valueAt(bytes, at);
    at += value.whole.length;
    yield value;
  }
}

/** The one value of this tag that the bytes are. Throws `RangeError` for anything else. */
export function derOnly(bytes: Buffer, tag: number): DerValue {
  const value = valueAt(bytes, 0);
  if (value.whole.length !== bytes.length) throw new RangeError('bytes after the end');
  if (value.tag !== tag) throw new RangeError('another type than expected');
  return value;
}

/** Lengths are definite and as short as can be, tags have one byte: X.509 needs no other. */
function valueAt(bytes: Buffer, at: number): DerValue {
  const tag = byteAt(bytes, at);
  if ((tag & 0x1f) === 0x1f) throw new RangeError('a tag of several bytes');
  const first = byteAt(bytes, at + 1);
  const digits = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || digits > 4) throw new RangeError('a length that is none of DER');
  let length = digits === 0 ? first : 0;
  for (let each = 0; each < digits; each++) length = length * 256 + byteAt(bytes, at + 2 + each);
  if (digits > 0 && (length < 0x80 || length < 256 ** (digits - 1))) {
    throw new RangeError('a length with needless bytes');
  }
  const start = at + 2 + digits;
  if (start + length > bytes.length) throw new RangeError('a value that is cut off');
  const content = bytes.subarray(start, start + length);
  return { tag, content, whole: bytes.subarray(at, start + length) };
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError('a value that is cut off');
  return byte;
}
