import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import type { AuditConfig, Durability } from '../../src/audit/config.ts';
import { readChain } from '../../src/audit/read-chain.ts';
import { segmentsIn } from '../../src/audit/segment.ts';
import type { Trail } from '../../src/audit/trail.ts';
import { verify } from '../../src/audit/verify.ts';
import { type FragileDisk, fragile, fragileDisk } from './fragile-disk.ts';
import {
  changing,
  config,
  digest,
  directory,
  exchange,
  type Line,
  outcome,
  permit,
  reading,
  seconds,
  swiftFiles,
} from './scene.ts';

/** What clients and the database saw of one request. */
interface Seen {
  readonly id: string;
  readonly changes: boolean;
  trail: Trail | null;
  told: boolean;
}

type Step =
  | { readonly do: 'begin'; readonly changes: boolean }
  | { readonly do: 'end' | 'turn' | 'second' | 'mend' | 'kill' }
  | { readonly do: 'fail'; readonly call: (typeof fragile)[number]; readonly taken: number }
  | { readonly do: 'power'; readonly part: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('begin'), changes: fc.boolean() }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constantFrom('end', 'turn', 'turn') }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('second', 'mend') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      call: fc.constantFrom(...fragile),
      taken: fc.integer({ min: 0, max: 2000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('power'),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
) as fc.Arbitrary<Step>;

const durability = fc.constantFrom<Durability>('written', 'synced');
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The world around one log: its disk, its second, and what was seen of every request. */
async function world(of: AuditConfig) {
  const disk = fragileDisk();
  const second = seconds();
  const log = await openAudit(of, { files: disk, ...second, segmentBytes: 1500 });
  const audit = log.forUpstream('main', digest);
  const seen: Seen[] = [];
  const begin = async (changes: boolean) => {
    const request: Seen = { id: `r${seen.length}`, changes, trail: null, told: false };
    seen.push(request);
    try {
      request.trail = await audit.begin(
        exchange({ id: request.id }),
        permit(changes ? changing : reading),
      );
    } catch {
      // Refused, and never sent.
    }
  };
  const end = async (request: Seen) => {
    try {
      await request.trail?.end(outcome);
      request.told = true;
    } catch {
      // The answer was reset before its last byte.
    }
  };
  return { disk, second, log, seen, begin, end };
}

/** Holds what a log says to what was seen. */
function judge(of: AuditConfig, sent: readonly Seen[], told: readonly Seen[]): void {
  expect(verify(of.directory)).toMatchObject({ ok: true, firstBad: null });
  const all: Line[] = [];
  readChain(segmentsIn(of.directory), (line) => all.push(JSON.parse(String(line)) as Line));
  const requests = (...kinds: string[]) =>
    all.filter(({ kind }) => kinds.includes(kind)).map(({ request }) => String(request));
  const intents = requests('intent');
  expect(new Set(intents).size).toBe(intents.length);
  expect(sent.map(({ id }) => id).filter((id) => !intents.includes(id))).toEqual([]);
  expect(requests('outcome', 'indeterminate').toSorted()).toEqual(intents.toSorted());
  expect(told.map(({ id }) => id).filter((id) => !requests('outcome').includes(id))).toEqual([]);
}

/** What stands after a crash at this moment, once a new gateway has recovered it. */
async function crash(
  of: AuditConfig,
  disk: FragileDisk,
  seen: readonly Seen[],
  loss: Step,
): Promise<void> {
  const after = { ...of, directory: directory() };
  if (loss.do === 'power') disk.afterPowerLoss(of.directory, after.directory, loss.part);
  else disk.afterKill(of.directory, after.directory);
  const safe = seen.filter(({ changes }) => {
    return loss.do === 'kill' || of.durability[changes ? 'write' : 'read'] === 'synced';
  });
  const sent = safe.filter(({ trail }) => trail !== null);
  const told = safe.filter((request) => request.changes && request.told);
  await (await openAudit(after, { files: swiftFiles, eachSecond: () => () => {} })).close();
  judge(after, sent, told);
}

const runs = Number(process.env['VECTORGATE_CRASH_ROUNDS'] ?? 40);

it(
  'whatever fails and whenever it dies, the log has an intent for all that was sent',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        durability,
        durability,
        fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }),
        async (read, write, steps) => {
          const of = config({ durability: { read, write } });
          const { disk, second, log, seen, begin, end } = await world(of);
          const ended = new Set<Seen>();
          const working: Promise<void>[] = [];
          for (const each of steps) {
            if (each.do === 'begin') working.push(begin(each.changes));
            if (each.do === 'turn') await turn();
            if (each.do === 'second') second.pass();
            if (each.do === 'mend') disk.mend();
            if (each.do === 'fail') disk.fail(each.call, each.taken);
            if (each.do === 'kill' || each.do === 'power') await crash(of, disk, seen, each);
            const open = seen.find((request) => request.trail && !ended.has(request));
            if (each.do === 'end' && open) {
              ended.add(open);
              working.push(end(open));
            }
          }
          disk.mend();
          for (let tries = 0; tries < 20 && !log.status.ready; tries++) {
            second.pass();
            for (let turns = 0; turns < 10; turns++) await turn();
          }
          await Promise.all(working);
          await Promise.all(seen.filter((request) => !ended.has(request)).map(end));
          await log.close();
          const sent = seen.filter(({ trail }) => trail !== null);
          judge(of, sent, sent);
        },
      ),
      { numRuns: runs },
    );
  },
  120_000 + runs * 500,
);
