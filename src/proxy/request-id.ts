import { randomBytes } from 'node:crypto';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Ids of one process differ in the last seven digits; the nine before are the process's own. */
const countDigits = 7;
const firstCounts = 32 ** countDigits / 2;
const own = Array.from(randomBytes(9), (byte) => digits[byte % 32]).join('');

let millisecond = 0;
let prefix = '';
let count = Math.floor((randomBytes(4).readUInt32BE() / 2 ** 32) * firstCounts);

/**
 * A new request id: 26 digits of Crockford's base 32 that sort by time, as a ULID's do
 * (github.com/ulid/spec), unique between processes and rising within one.
 */
export function makeRequestId(now = Date.now()): string {
  if (now > millisecond) {
    millisecond = now;
    prefix = spell(now, 10) + own;
  }
  count += 1;
  return prefix + spell(count, countDigits);
}

function spell(value: number, length: number): string {
  let text = '';
  for (let rest = value, at = 0; at < length; at++, rest = Math.floor(rest / 32)) {
    text = digits[rest % 32] + text;
  }
  return text;
}
