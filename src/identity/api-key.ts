import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A key of our own making: `vg_<id>_<secret><checksum>`. */
export interface ApiKey {
  /** Public: names the key in logs, records and on the command line. */
  readonly id: string;
  /** The whole credential. */
  readonly key: string;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Without what people confuse: 0 O I l. */
const idDigits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const idLength = 8;
const secretBytes = 32;
/** What 256 bits and 32 bits need in base 62. */
const secretLength = 43;
const checksumLength = 6;
const shape = /^vg_([1-9A-HJ-NP-Za-km-z]{4,16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** Makes a key of 256 random bits, whose checksum lets scanners tell a leaked key from noise. */
export function makeApiKey(): ApiKey {
  const id = Array.from(randomBytes(idLength * 4), (byte) => idDigits[byte & 63] ?? '')
    .join('')
    .slice(0, idLength);
  const secret = base62(BigInt(`0x${randomBytes(secretBytes).toString('hex')}`), secretLength);
  const body = `vg_${id}_${secret}`;
  return { id, key: body + checksumOf(body) };
}

/** The id in a key of our own making; null for anything else, as for one with a letter mistyped. */
export function apiKeyId(text: string): string | null {
  if (text.length > 80) return null;
  const [, id, secret, checksum] = shape.exec(text) ?? [];
  if (id === undefined || secret === undefined) return null;
  return checksumOf(`vg_${id}_${secret}`) === checksum ? id : null;
}

/** The SHA-256 of a credential: all that is ever kept of it. */
export function digestOf(credential: string): Buffer {
  return hash('sha256', credential, 'buffer');
}

/** CRC-32 (ISO 3309) of all that stands before it, in base 62. */
function checksumOf(body: string): string {
  let text = '';
  for (let rest = crc32(body); text.length < checksumLength; rest = Math.floor(rest / 62))
    text = digits[rest % 62] + text;
  return text;
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n)
    text = digits[Number(rest % 62n)] + text;
  return text;
}
