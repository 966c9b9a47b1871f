import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import { readChain } from '../../src/audit/read-chain.ts';
import { segmentsIn } from '../../src/audit/segment.ts';
import { verify } from '../../src/audit/verify.ts';
import { chances, type Loss, writeImage } from './disk-image.ts';
import { type DiskTrace, straceArguments, traceOf } from './disk-trace.ts';
import { config, directory, type Line, swiftFiles } from './scene.ts';

/*
 * The writes and syncs of a gateway under load are recorded, and played onto an empty folder as far as
 * a loss of power at some moment would leave them. What counts is what clients and upstreams had seen
 * by then of changes, which are `synced`.
 */
const images = 40 * Math.min(200, Number(process.env['VECTORGATE_CRASH_ROUNDS'] ?? 6));
const load = join(import.meta.dirname, 'crash-load.ts');
const losses: readonly Loss[] = ['nothing', 'everything', 'from here on', 'here and there'];

const strace = spawnSync('strace', ['-c', 'true']).status === 0;
const liar = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/libeatmydata.so`)
  .find((path) => existsSync(path));

/** What a gateway did to its disk in two runs, of which the second ends what the first left. */
function recorded(preloaded: string | null): DiskTrace {
  const folder = directory();
  const [trace, audit] = [join(folder, 'trace'), join(folder, 'audit')];
  const shown = [...straceArguments, ...(preloaded ? ['-E', `LD_PRELOAD=${preloaded}`] : [])];
  const run = (round: string, most: string) =>
    spawnSync(
      'strace',
      [...shown, '-o', `${trace}-${round}`, process.execPath, load, folder, round, most],
      {
        env: { ...process.env, UV_USE_IO_URING: '0' },
        stdio: 'ignore',
      },
    );
  run('one', '120');
  run('two', '120');
  const output = ['one', 'two']
    .map((round) => readFileSync(`${trace}-${round}`, 'latin1'))
    .join('');
  return traceOf(output, audit);
}

/** What a loss of power at this place took of what was promised; `damaged`: the start refused. */
async function broken(
  trace: DiskTrace,
  cut: { readonly at: number; readonly loss: Loss; readonly chance: () => number },
): Promise<{
  readonly lost: number;
  readonly wrong: readonly string[];
  readonly damaged: boolean;
}> {
  const of = config({ directory: directory() });
  const lost = writeImage(trace, cut, of.directory);
  const wrong: string[] = [];
  try {
    await (await openAudit(of, { files: swiftFiles, eachSecond: () => () => {} })).close();
  } catch (error) {
    expect(String(error)).toContain('is damaged');
    return { lost, wrong, damaged: true };
  }
  const all: Line[] = [];
  readChain(segmentsIn(of.directory), (line) => all.push(JSON.parse(String(line)) as Line));
  const requests = (...kinds: string[]) =>
    new Set(all.flatMap(({ kind, request }) => (kinds.includes(kind) ? [String(request)] : [])));
  const changes = (file: string) =>
    trace.notes
      .filter((note) => note.file === file && note.at <= cut.at)
      .map(({ text }) => text.trim())
      .filter((id) => /-[abc]-/.test(id));
  const [intents, outcomes] = [requests('intent'), requests('outcome')];
  const ends = all.filter(({ kind }) => kind === 'outcome' || kind === 'indeterminate');
  if (!verify(of.directory).ok) wrong.push('the log does not verify');
  if (ends.length !== intents.size) wrong.push('an intent has no end, or two');
  for (const id of changes('seen')) if (!intents.has(id)) wrong.push(`${id} was sent unrecorded`);
  for (const id of changes('told')) if (!outcomes.has(id)) wrong.push(`the end of ${id} is lost`);
  rmSync(of.directory, { recursive: true });
  return { lost, wrong, damaged: false };
}

it.skipIf(!strace)(
  'a loss of power at any moment takes nothing that was synced (needs strace)',
  async () => {
    const trace = recorded(null);
    const chance = chances(7);
    expect(trace.notes.length).toBeGreaterThan(200);
    let lossy = 0;
    let recovered = 0;
    for (let image = 0; image < images; image++) {
      const loss = losses[image % losses.length] ?? 'nothing';
      const { lost, wrong, damaged } = await broken(trace, {
        at: Math.floor(chance() * trace.calls),
        loss,
        chance,
      });
      expect(wrong).toEqual([]);
      if (lost > 0) lossy++;
      if (loss === 'here and there' && !damaged) recovered++;
      // Where later changes survive earlier ones, nobody can tell it from damage, and it is told.
      if (damaged) expect(loss).toBe('here and there');
    }
    expect(lossy).toBeGreaterThan(images / 10);
    expect(recovered).toBeGreaterThan(0);
  },
  600_000,
);

it.skipIf(!strace || !liar)(
  'the same finds what is lost where syncs do nothing (needs strace and libeatmydata)',
  async () => {
    const trace = recorded(liar ?? null);
    const chance = chances(11);
    const found: string[] = [];
    for (let image = 0; image < 20; image++) {
      const at = Math.floor(((image + 1) / 21) * trace.calls);
      found.push(...(await broken(trace, { at, loss: 'nothing', chance })).wrong);
    }
    expect(found.length).toBeGreaterThan(20);
  },
  600_000,
);
