import { createHmac, timingSafeEqual } from 'node:crypto';

const period = 30_000;
const digits = 6;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Beyond this many wrong codes in a row, none is looked at for a while. */
const mostWrong = 5;
const pause = 300_000;

/** Takes a step of a secret's codes; gives the last one taken before, which it must lie beyond. */
export type TakeStep = (step: number) => number | Promise<number>;

/** Why a one-time code does not count, for whoever sent it; null: it does, this once. */
export type CodeObjection = string | null;

/** Where a code was not right; which it was not is not told. */
const unknown = 'a one-time code is needed; send it as x-vectorgate-code';

/**
 * Takes the one-time codes (RFC 6238: SHA-1, 30 seconds, six digits) of one secret, in base 32:
 * each once, one step early or late at most. Five wrong ones close it for five minutes. Rejects as
 * `take` does.
 */
export function makeCodeBook(
  secret: string,
  take: TakeStep,
): (code: string, now: number) => CodeObjection | Promise<CodeObjection> {
  const key = bytesOf(secret);
  let wrong = 0;
  let closedUntil = 0;
  function judged(step: number, before: number, now: number): CodeObjection {
    // One that was taken proves nothing, so it takes no wrong one back either.
    if (step <= before) return spent(before, now);
    wrong = 0;
    return null;
  }
  return function objection(code, now) {
    if (now < closedUntil) return unknown;
    const present = stepAt(now);
    const steps = [present - 1, present, present + 1];
    const step = steps.find((each) => isSame(codeAt(key, each), code));
    if (step !== undefined) {
      const before = take(step);
      return typeof before === 'number'
        ? judged(step, before, now)
        : before.then((last) => judged(step, last, now));
    }
    wrong += 1;
    if (wrong >= mostWrong) [wrong, closedUntil] = [0, now + pause];
    return unknown;
  };
}

function spent(last: number, now: number): string {
  const seconds = Math.ceil(((last + 1) * period - now) / 1000);
  const when = seconds > 0 ? `in ${seconds} seconds` : 'now';
  return `this one-time code counts no more; the next that counts is shown ${when}`;
}

/** The step of 30 seconds that a time in milliseconds since 1970 is in. */
export function stepAt(now: number): number {
  return Math.floor(now / period);
}

/** The code of a secret, in base 32, at a time in milliseconds since 1970. */
export function oneTimeCode(secret: string, now: number): string {
  return codeAt(bytesOf(secret), stepAt(now));
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
