/** Writes the few ASN.1 types that a certificate is made of, in DER (ITU-T X.690). */
export const der = {
  sequence: (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts),
  set: (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts),
  boolean: (value: boolean) => tagged(0x01, Uint8Array.of(value ? 0xff : 0)),
  /** A non-negative integer, given as big-endian bytes. */
  integer,
  /** `unused` is how many low bits of the last byte say nothing. */
  bits: (value: Uint8Array, unused = 0) => tagged(0x03, Uint8Array.of(unused), value),
  octets: (value: Uint8Array) => tagged(0x04, value),
  oid,
  text: (value: string) => tagged(0x0c, Buffer.from(value, 'utf8')),
  time,
  /** `[number]` around other types. */
  explicit: (number: number, ...parts: readonly Uint8Array[]) => tagged(0xa0 | number, ...parts),
  /** `[number]` in place of a primitive type's own tag. */
  implicit: (number: number, value: Uint8Array) => tagged(0x80 | number, value),
} as const;

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag), length(body.length), body]);
}

function length(bytes: number): Uint8Array {
  if (bytes < 0x80) return Uint8Array.of(bytes);
  if (bytes < 0x100) return Uint8Array.of(0x81, bytes);
  return Uint8Array.of(0x82, bytes >> 8, bytes & 0xff);
}

function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Uint8Array.of(0) : bytes.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : Uint8Array.of();
  return tagged(0x02, sign, digits);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Uint8Array.of(first * 40 + second, ...rest.flatMap(base128)));
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let high = arc >>> 7; high > 0; high >>>= 7) digits.unshift((high & 0x7f) | 0x80);
  return digits;
}

/** Two-digit years up to 2049, four digits after (RFC 5280, 4.1.2.5). */
function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  if (date.getUTCFullYear() < 2050) return tagged(0x17, Buffer.from(digits.slice(2)));
  return tagged(0x18, Buffer.from(digits));
}
