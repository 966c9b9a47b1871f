import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readNotes } from '../audit/note.ts';
import type { Known } from '../audit/read-log.ts';
import { readPublicKeys } from '../audit/signing-key.ts';
import { type Expected, type Verified, verify, verifyFleet } from '../audit/verify.ts';
import type { Verb, VerbInput } from './verb.ts';

/** Long enough for a writer to finish the record that was read half. */
const secondLookMs = 100;

/** Verifies audit logs offline. Exit 1 where a record is not what its writer wrote, or a log is
 * missing. */
export const verb: Verb = {
  name: 'audit verify',
  summary: 'Verify that no audit record was changed, removed, added or moved',
  usage:
    'audit verify [DIR] [--since CHECKPOINT] [--public-key FILE] [--fleet DIR|FILE …] ' +
    '(default: audit/)',
  words: 1,
  options: {
    since: { type: 'string', multiple: true, help: 'checkpoints kept elsewhere that must hold' },
    'public-key': { type: 'string', help: 'the key that the log began with, in PEM' },
    fleet: {
      type: 'string',
      multiple: true,
      help: 'one more directory that must be there, or a file that lists them',
    },
  },
  run: async (input) => {
    const { positionals, json, print } = input;
    const known = knownOf(input);
    const fleet = all(input, 'fleet').flatMap(fleetIn);
    const directory = positionals[0] ?? (fleet.length === 0 ? 'audit/' : undefined);
    const whole = [...(directory === undefined ? [] : [{ directory, writers: [] }]), ...fleet];
    const look = () => {
      if (fleet.length > 0) return verifyFleet(whole, known);
      return verify(directory ?? 'audit/', known);
    };
    let verified = look();
    if (verified.firstBad?.torn) {
      await setTimeout(secondLookMs);
      verified = look();
    }
    if (json) print(JSON.stringify(verified));
    else for (const line of sentences(directory ?? 'the fleet', verified)) print(line);
    return verified.ok ? 0 : 1;
  },
};

function knownOf(input: VerbInput): Known {
  const key = input.values['public-key'];
  return {
    notes: all(input, 'since').flatMap((path) => readNotes(readFileSync(path, 'utf8'), path)),
    trusted: typeof key === 'string' ? readPublicKeys(readFileSync(key, 'utf8'), key) : null,
  };
}

function all({ values }: VerbInput, name: string): string[] {
  return [values[name] ?? []].flat().filter((value) => typeof value === 'string');
}

/** A directory, or a file with one a line, each with the writers that must be in it. */
function fleetIn(path: string): Expected[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return [{ directory: path, writers: [] }];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [directory = '', ...writers] = line.trim().split(/\s+/);
    if (directory === '' || directory.startsWith('#')) return [];
    return [{ directory: resolve(dirname(path), directory), writers }];
  });
}

function sentences(where: string, verified: Verified): string[] {
  const { records, segments, firstBad, missing = [] } = verified;
  const lines = missing.map((name) => `${name}: this log is missing`);
  if (firstBad !== null) {
    const { directory = where, file, offset, seq, reason } = firstBad;
    return [...lines, `${directory}: record ${seq} is bad (${file}, byte ${offset}): ${reason}`];
  }
  const many = segments === 1 ? 'segment' : 'segments';
  const stand = `${records} records in ${segments} ${many} stand as they were written`;
  return [...lines, `${where}: ${stand}${sealed(verified)}`];
}

function sealed({ checkpoints }: Verified): string {
  if (!checkpoints) return '; no checkpoint signs them';
  const { found, trusted, unsealed } = checkpoints;
  const held = trusted ? 'hold' : 'hold by the keys they name (--public-key was not given)';
  return `; ${found} checkpoints ${held}, ${unsealed} records came after the last`;
}
