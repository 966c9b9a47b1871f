import { setTimeout } from 'node:timers/promises';
import { type Verified, verify } from '../audit/verify.ts';
import type { Verb } from './verb.ts';

/** Long enough for a writer to finish the record that was read half. */
const secondLookMs = 100;

/** Verifies audit logs offline. Exit 1 where a record is not what its writer wrote. */
export const verb: Verb = {
  name: 'audit verify',
  summary: 'Verify that no audit record was changed, removed, added or moved',
  usage: 'audit verify [DIR] (default: audit/)',
  words: 1,
  options: {},
  run: async ({ positionals, json, print }) => {
    const directory = positionals[0] ?? 'audit/';
    let verified = verify(directory);
    if (verified.firstBad?.torn) {
      await setTimeout(secondLookMs);
      verified = verify(directory);
    }
    if (json) print(JSON.stringify(verified));
    else print(sentence(directory, verified));
    return verified.ok ? 0 : 1;
  },
};

function sentence(directory: string, { records, segments, firstBad }: Verified): string {
  if (firstBad === null) {
    const many = segments === 1 ? 'segment' : 'segments';
    return `${directory}: ${records} records in ${segments} ${many} stand as they were written`;
  }
  const { file, offset, seq, reason } = firstBad;
  return `${directory}: record ${seq} is bad (${file}, byte ${offset}): ${reason}`;
}
