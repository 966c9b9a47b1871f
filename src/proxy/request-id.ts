import { randomBytes } from 'node:crypto';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Ids of one process differ in the last seven digits; the nine before are the process's own. */
const countDigits = 7;
const firstCounts = 32 ** countDigits / 2;
const own = Array.from(randomBytes(9), (byte) => digits[byte % 32]).join('');

/** The last two digits of a count, ready to be put behind the others. */
const pairs = Array.from({ length: 1024 }, (_, pair) => spell(pair, 2));

let millisecond = 0;
let prefix = '';
/** The count without its last two digits, and those. */
let high = Math.floor((randomBytes(4).readUInt32BE() / 2 ** 32) * (firstCounts / pairs.length));
let low = 0;

/**
 * A new request id: 26 digits of Crockford's base 32 that sort by time, as a ULID's do
 * (github.com/ulid/spec), unique between processes and rising within one.
 */
export function makeRequestId(now = Date.now()): string {
  low += 1;
  if (now > millisecond || low === pairs.length) {
    if (low === pairs.length) high += 1;
    low %= pairs.length;
    millisecond = Math.max(now, millisecond);
    prefix = spell(millisecond, 10) + own + spell(high, countDigits - 2);
  }
  return prefix + pairs[low];
}

function spell(value: number, length: number): string {
  let text = '';
  for (let rest = value, at = 0; at < length; at++, rest = Math.floor(rest / 32)) {
    text = digits[rest % 32] + text;
  }
  return text;
}
