import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { readManifest } from '../../src/audit/manifest.ts';
import { rechecking } from '../../src/audit/recheck.ts';
import { recover } from '../../src/audit/recover.ts';
import { verify } from '../../src/audit/verify.ts';
import {
  changing,
  config,
  digest,
  directory,
  exchange,
  identity,
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
const manifest = (of: AuditConfig) => readManifest(of.directory, 'w1');

/** A gateway that dies after many segments; `old` has been under way since the first. */
async function died(): Promise<AuditConfig> {
  const alive = config();
  const second = seconds();
  const log = await opened(alive, { ...second, files: swiftFiles, segmentBytes: 2000 });
  const audit = log.forUpstream('main', digest);
  await audit.begin(exchange({ id: 'old' }), permit(changing));
  for (let n = 0; n < 40; n++) {
    const trail = await audit.begin(exchange({ id: `r${n}` }), permit(n % 2 ? changing : reading));
    if (n < 38) await trail.end(outcome);
    second.pass();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect
    .poll(() => {
      second.pass();
      return manifest(alive)?.segments.length;
    })
    .toBe(segmentFiles(alive).length);
  const dead = { ...alive, directory: directory() };
  for (const name of readdirSync(alive.directory)) {
    if (/jsonl|manifest.json$/.test(name)) {
      copyFileSync(join(alive.directory, name), join(dead.directory, name));
    }
  }
  return dead;
}

function changeByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

const openAtDeath = ['old', 'r38', 'r39'];

describe('a start on a long log', () => {
  it('knows every open intent without reading what is sealed', async () => {
    const of = await died();
    const found = recover(of.directory, 'w1', manifest(of)?.segments ?? [], 0);
    expect(found.open.toSorted()).toEqual(openAtDeath);
    expect(found.read.length).toBeLessThan(3);
    expect(found.unread.length).toBeGreaterThan(5);
    const whole = recover(of.directory, 'w1', [], 0);
    expect(whole.unread).toEqual([]);
    expect(found.place).toEqual(whole.place);
    expect(found.open.toSorted()).toEqual(whole.open.toSorted());
  });

  it('reads the whole last run where there is no manifest, or an older one without open requests', async () => {
    const of = await died();
    expect(recover(of.directory, 'w1', [], 0).unread).toEqual([]);
    const listed = manifest(of)?.segments.map((one) => ({ ...one, open: null })) ?? [];
    const found = recover(of.directory, 'w1', listed, 0);
    expect(found.unread).toEqual([]);
    expect(found.open.toSorted()).toEqual(openAtDeath);
  });

  it.each([
    ['shorter', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -5))],
    ['another at its end', (path: string) => changeByte(path, readFileSync(path).length - 100)],
    ['missing', (path: string) => rmSync(path)],
  ])('does not go by the manifest where the segment before is %s', async (_, damage) => {
    const of = await died();
    const { read } = recover(of.directory, 'w1', manifest(of)?.segments ?? [], 0);
    const before = segmentFiles(of).at(-1 - read.length) ?? '';
    damage(before);
    await expect(openAudit(of, manual)).rejects.toThrow('is damaged');
  });

  it('refuses damage in sealed segments as long as it reads them again', async () => {
    const of = await died();
    changeByte(segmentFiles(of)[2] ?? '', 500);
    await expect(openAudit(of, manual)).rejects.toThrow('w1-3.jsonl, byte');
  });

  it('finds damage in what it did not read, afterwards, and goes on', async () => {
    const of = await died();
    changeByte(segmentFiles(of)[2] ?? '', 500);
    const told: unknown[] = [];
    const noticed = (notice: string, wrong: boolean) => void told.push([notice, wrong]);
    const log = await openAudit(of, { ...manual, noticed, readAgain: 0 });
    await expect.poll(() => log.status.damaged).toMatch(/^w1-3.jsonl, byte \d+, record \d+: /);
    expect(log.status.ready).toBe(true);
    await log.close();
    expect(told).toContainEqual(['audit damaged', true]);
    expect(lines(of)).toContainEqual(
      expect.objectContaining({ event: 'audit.damaged', damaged: 'w1-3.jsonl' }),
    );
  });

  it('finds nothing in what is whole, also where the oldest is deleted meanwhile', async () => {
    const of = await died();
    const { unread, spans } = recover(of.directory, 'w1', manifest(of)?.segments ?? [], 0);
    const [first] = spans;
    const until = { seq: (first?.firstSeq ?? 0) - 1, prev: first?.prev ?? '' };
    rmSync(unread[0]?.path ?? '');
    const alarms: unknown[] = [];
    const alarm = (reason: unknown) => void alarms.push(reason);
    const what = { directory: of.directory, segments: unread, until };
    await rechecking(what, { found: alarm, failed: alarm }).done;
    expect(alarms).toEqual([]);
    const wrong = { ...what, until: { ...until, seq: until.seq + 1 } };
    await rechecking(wrong, { found: alarm, failed: alarm }).done;
    expect(alarms).toHaveLength(2);
  });

  it('ends each open intent once, over many starts', async () => {
    const of = await died();
    for (let starts = 0; starts < 3; starts++) await (await openAudit(of, manual)).close();
    const ended = lines(of).filter(({ kind }) => kind === 'indeterminate');
    expect(ended.map(({ request }) => request).toSorted()).toEqual(openAtDeath);
    expect(verify(of.directory)).toMatchObject({ ok: true });
  });

  it('tells each few seconds how far it is with much that it must read', async () => {
    const of = config();
    const log = await opened(of, { files: swiftFiles });
    const audit = log.forUpstream('main', digest);
    const name = 'n'.repeat(60_000);
    for (let n = 0; n < 300; n++)
      await audit.begin(exchange(), permit(reading, identity({ name })));
    const copy = { ...of, directory: directory() };
    const [segment = ''] = segmentFiles(of);
    copyFileSync(segment, join(copy.directory, basename(segment)));
    const told: unknown[] = [];
    const noticed = (notice: string, _: boolean, detail: object) =>
      told.push({ notice, ...detail });
    let now = 0;
    const clock = { wall: Date.now, monotonic: () => (now += 2000) };
    await (await openAudit(copy, { ...manual, clock, noticed })).close();
    const before = told.filter((one) => Object(one).percent !== undefined);
    expect(before[0]).toMatchObject({
      notice: 'the audit log is read before the start',
      directory: copy.directory,
      percent: expect.any(Number),
    });
  });
});
