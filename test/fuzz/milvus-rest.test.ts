import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RestAsked, restAsked, unjudged } from '../catalog/milvus/rest-touched.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 2000);

/** What may be put into a body anywhere: what two readers of JSON could take for two things. */
const pieces = [
  '"',
  '\\',
  '{',
  '}',
  ',',
  ':',
  '\0',
  '\u017f',
  '\u212a',
  '"dbName":"tenant",',
  '//',
];

/** A request that something was put into, or cut out of, at a place of its body. */
const spoiled: fc.Arbitrary<RestAsked> = fc
  .tuple(restAsked, fc.nat(200), fc.nat(3), fc.constantFrom('', ...pieces))
  .map(([asked, at, cut, piece]) => {
    if (asked.body === null) return asked;
    const from = at % (asked.body.length + 1);
    return { ...asked, body: asked.body.slice(0, from) + piece + asked.body.slice(from + cut) };
  });

it('whatever is done to a body of REST, Milvus reaches nothing that was not judged', async () => {
  await fc.assert(
    fc.asyncProperty(spoiled, async (asked) => {
      expect((await unjudged(asked)) ?? []).toEqual([]);
    }),
    { numRuns, verbose: 1 },
  );
}, 600_000);
