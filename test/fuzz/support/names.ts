import fc from 'fast-check';

const usual = ['pub', 'pub', 'pub', 'pub2', 'pub_alias', 'ghost'];
const dangerous = ['sec', 'sec', 'sec_alias', 'pubalias', 'pubalias'];
/** Names that somebody might read as another one. */
const odd = [
  'SEC',
  'sec ',
  ' sec',
  'sec\0',
  'sec\n',
  '\ufeffsec',
  '\uff53ec',
  '\u017fec',
  'se\u0063\u0301',
  'pub\u200b',
  '',
  '*',
  'pub*',
  's?c',
  '../sec',
  'pub/../sec',
  'pub/sec',
  '..',
  '.',
  '%73ec',
  'aliases',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  'ghost1',
  'null',
];

/** A collection's name, dangerous ones rather often. */
export const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...usual) },
  { weight: 5, arbitrary: fc.constantFrom(...dangerous) },
  { weight: 1, arbitrary: fc.constantFrom(...odd) },
);

/** A name that a request which is to pass may be about. */
export const own: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...usual) },
  { weight: 1, arbitrary: name },
);

/** One in so many. */
export function seldom<T>(odds: number, rare: fc.Arbitrary<T>, usually: fc.Arbitrary<T>) {
  return fc.oneof({ weight: 1, arbitrary: rare }, { weight: odds - 1, arbitrary: usually });
}
