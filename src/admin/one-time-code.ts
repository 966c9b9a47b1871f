import { createHmac, timingSafeEqual } from 'node:crypto';

const period = 30_000;
const digits = 6;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Beyond this many wrong codes in a row, none is looked at for a while. */
const mostWrong = 5;
const pause = 300_000;

/**
 * Takes the one-time codes (RFC 6238: SHA-1, 30 seconds, six digits) of one secret, in base 32:
 * each once, one step early or late at most. Five wrong ones close it for five minutes.
 */
export function makeCodeBook(secret: string): (code: string, now: number) => boolean {
  const key = bytesOf(secret);
  let taken = Number.NEGATIVE_INFINITY;
  let wrong = 0;
  let closedUntil = 0;
  return function takes(code, now) {
    if (now < closedUntil) return false;
    const present = Math.floor(now / period);
    for (const step of [present - 1, present, present + 1]) {
      if (step <= taken || !isSame(codeAt(key, step), code)) continue;
      taken = step;
      wrong = 0;
      return true;
    }
    wrong += 1;
    if (wrong >= mostWrong) [wrong, closedUntil] = [0, now + pause];
    return false;
  };
}

/** The code of a secret, in base 32, at a time in milliseconds since 1970. */
export function oneTimeCode(secret: string, now: number): string {
  return codeAt(bytesOf(secret), Math.floor(now / period));
}

/** RFC 4226, section 5.3. */
function codeAt(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.max(0, step)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

function isSame(one: string, other: string): boolean {
  return other.length === digits && timingSafeEqual(Buffer.from(one), textOf(other));
}

function textOf(code: string): Buffer {
  return Buffer.from(/^\d{6}$/.test(code) ? code : '------');
}

/** RFC 4648, section 6. */
function bytesOf(secret: string): Buffer {
  let bits = '';
  for (const letter of secret.replace(/=+$/, '')) {
    bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  }
  const bytes = Array.from({ length: Math.floor(bits.length / 8) }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2),
  );
  return Buffer.from(bytes);
}
