import fc from 'fast-check';
import { expect, it } from 'vitest';
import { restAsked, unjudged } from './rest-touched.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 3000);

it('whatever sonic or gjson would reach of a forwarded request was judged', async () => {
  const counts = { forwarded: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(restAsked, async (request) => {
      const found = await unjudged(request);
      counts[found === null ? 'refused' : 'forwarded']++;
      expect(found ?? []).toEqual([]);
    }),
    { numRuns, verbose: 1 },
  );
  expect(counts.forwarded / numRuns).toBeGreaterThan(0.15);
}, 600_000);
