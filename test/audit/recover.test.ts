import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { readChain } from '../../src/audit/read-chain.ts';
import { recover } from '../../src/audit/recover.ts';
import { segmentsIn } from '../../src/audit/segment.ts';
import { verify } from '../../src/audit/verify.ts';
import { fallibleFiles } from './fallible-files.ts';
import {
  changing,
  config,
  digest,
  directory,
  exchange,
  type Line,
  lines,
  opened,
  outcome,
  permit,
  reading,
  seconds,
  segmentFiles,
  swiftFiles,
} from './scene.ts';

const manual = { files: swiftFiles, eachSecond: () => () => {} };

/** A log whose gateway dies: what it wrote is copied away while it runs. */
async function died(ids: readonly string[], ended: readonly string[] = []): Promise<AuditConfig> {
  const alive = config();
  const audit = (await opened(alive)).forUpstream('main', digest);
  for (const id of ids) {
    const trail = await audit.begin(exchange({ id }), permit(changing));
    if (ended.includes(id)) await trail.end(outcome);
  }
  const dead = config();
  for (const path of segmentFiles(alive)) copyFileSync(path, join(dead.directory, 'w1-1.jsonl'));
  return dead;
}

async function threeIntents() {
  const { directory } = await died(['a', 'b', 'c']);
  const path = join(directory, 'w1-1.jsonl');
  const whole = readFileSync(path);
  const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
  return { directory, path, whole, ends };
}

async function restart(of: AuditConfig): Promise<void> {
  await (await openAudit(of, manual)).close();
}

/** The requests of a kind, in what counts of a log. */
function counted(of: AuditConfig, kind: string): unknown[] {
  const found: Line[] = [];
  readChain(segmentsIn(of.directory), (line) => found.push(JSON.parse(String(line)) as Line));
  return found.filter((line) => line.kind === kind).map(({ request }) => request);
}

const indeterminate = (of: AuditConfig) =>
  lines(of)
    .filter(({ kind }) => kind === 'indeterminate')
    .map(({ request }) => request);

describe('a start after a crash', () => {
  it('ends every open intent as indeterminate, once', async () => {
    const of = await died(['a', 'b', 'quo"te\\', 'd'], ['b']);
    await restart(of);
    expect(indeterminate(of)).toEqual(['a', 'quo"te\\', 'd']);
    await restart(of);
    expect(indeterminate(of)).toEqual(['a', 'quo"te\\', 'd']);
    expect(verify(of.directory)).toMatchObject({ ok: true, segments: 3 });
  });

  it('goes on with the numbers and the chain', async () => {
    const of = await died(['a']);
    await restart(of);
    expect(lines(of).map(({ seq }) => seq)).toEqual(lines(of).map((_, n) => n + 1));
  });

  it('ends the open intents of a run that died while it recovered', async () => {
    const of = await died(['a', 'b']);
    await restart(of);
    const [, second = ''] = segmentFiles(of);
    const [first = ''] = readFileSync(second, 'utf8').split('\n');
    truncateSync(second, first.length + 1);
    await restart(of);
    expect(indeterminate(of)).toEqual(['a', 'b']);
  });
});

describe('a torn tail', () => {
  it('is found, at every byte of the last three records', async () => {
    const { directory, path, whole, ends } = await threeIntents();
    for (let cut = ends.at(-4) ?? 0; cut < whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut));
      const left = ends.filter((end) => end <= cut).length;
      const { place, open, torn } = recover(directory, 'w1', [], 0);
      expect(place.seq).toBe(left);
      expect(open).toEqual(['a', 'b', 'c'].slice(0, left - 1));
      expect(torn?.bytes ?? cut).toBe(ends[left - 1]);
      expect(verify(directory).ok).toBe(torn === null);
    }
  }, 30_000);

  it('is cut and explained', async () => {
    const { directory, path, whole, ends } = await threeIntents();
    const of = config({ directory });
    const [kept = 0, last = 0] = ends.slice(-2);
    for (const cut of [kept, kept + 1, kept + 2, last - 2, last - 1]) {
      for (const old of segmentFiles(of)) rmSync(old);
      writeFileSync(path, whole.subarray(0, cut));
      await restart(of);
      expect(verify(directory).ok).toBe(true);
      expect(lines(of).filter(({ kind }) => kind === 'fault')).toEqual(
        cut === kept ? [] : [expect.objectContaining({ segment: 'w1-1.jsonl', bytes: kept })],
      );
      expect(indeterminate(of)).toEqual(['a', 'b']);
    }
  });

  it.each([
    ['zeros', Buffer.alloc(4096)],
    ['garbage', Buffer.from('\u00ff{"v":1,"writer":"w1","seq":99,"kind"')],
  ])('of %s is cut', async (_, filling) => {
    const of = await died(['a']);
    appendFileSync(segmentFiles(of)[0] ?? '', filling);
    await restart(of);
    expect(verify(of.directory).ok).toBe(true);
    expect(indeterminate(of)).toEqual(['a']);
  });

  it('in a segment of which nothing stands is cut as well', async () => {
    const of = await died(['a']);
    writeFileSync(join(of.directory, 'w1-2.jsonl'), '{"v":1,"wri');
    await restart(of);
    expect(verify(of.directory)).toMatchObject({ ok: true });
    expect(indeterminate(of)).toEqual(['a']);
  });
});

describe('a death while the log goes on after a fault', () => {
  it('loses nothing of what was to be carried over', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    for (const id of ['a', 'b', 'c']) await audit.begin(exchange({ id }), permit(reading));
    files.fail('datasync', 'EIO');
    second.pass();
    await expect.poll(() => log.status.ready).toBe(false);
    files.mend();
    files.fail('truncate', 'EIO');
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    const [first = '', next = ''] = segmentFiles(of);
    const whole = readFileSync(next);
    for (let cut = 0; cut <= whole.length; cut += 50) {
      const dead = { ...of, directory: directory() };
      copyFileSync(first, join(dead.directory, 'w1-1.jsonl'));
      writeFileSync(join(dead.directory, 'w1-2.jsonl'), whole.subarray(0, cut));
      await restart(dead);
      expect(verify(dead.directory)).toMatchObject({ ok: true });
      expect(counted(dead, 'intent')).toEqual(['a', 'b', 'c']);
      expect(counted(dead, 'indeterminate')).toEqual(['a', 'b', 'c']);
    }
  });
});

describe('damage anywhere else', () => {
  it('refuses to start and names file, offset and record', async () => {
    const of = await died(['a', 'b', 'c']);
    const [path = ''] = segmentFiles(of);
    const bytes = readFileSync(path);
    const second = bytes.indexOf(10) + 1;
    const third = bytes.indexOf(10, second) + 1;
    bytes.write('x', bytes.indexOf('"request":"a"') + 11);
    writeFileSync(path, bytes);
    expect(third).toBeGreaterThan(second);
    await expect(openAudit(of, manual)).rejects.toThrow(
      `w1-1.jsonl, byte ${second}, record 2: record 3 was chained to another; keep`,
    );
    expect(segmentFiles(of)).toHaveLength(1);
  });

  it('a torn record that others follow is damage', async () => {
    const of = await died(['a', 'b']);
    const [path = ''] = segmentFiles(of);
    const bytes = readFileSync(path);
    const second = bytes.indexOf(10) + 1;
    bytes.fill(0, second + 20, bytes.indexOf(10, second));
    writeFileSync(path, bytes);
    await expect(openAudit(of, manual)).rejects.toThrow('is damaged');
  });

  it('a segment that was cut short before the last is damage', async () => {
    const of = await died(['a', 'b']);
    await restart(of);
    const [path = ''] = segmentFiles(of);
    truncateSync(path, readFileSync(path).length - 5);
    await expect(openAudit(of, manual)).rejects.toThrow('ends within a record');
  });

  it('a refused start leaves the directory to the next', async () => {
    const of = await died(['a', 'b']);
    const [path = ''] = segmentFiles(of);
    const whole = readFileSync(path);
    writeFileSync(path, Buffer.from(whole).fill('x', 5, 9));
    await expect(openAudit(of, manual)).rejects.toThrow();
    writeFileSync(path, whole);
    await restart(of);
  });
});

describe('a clean stop', () => {
  it('leaves nothing to recover', async () => {
    const of = config();
    const log = await openAudit(of, manual);
    const trail = await log.forUpstream('main', digest).begin(exchange(), permit(reading));
    trail.end(outcome);
    await log.close();
    expect(lines(of).map(({ kind }) => kind)).toEqual(['start', 'intent', 'outcome', 'stop']);
    await restart(of);
    expect(indeterminate(of)).toEqual([]);
  });
});
