import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { verify } from '../../src/audit/verify.ts';
import {
  config,
  digest,
  exchange,
  lines,
  outcome,
  permit,
  segmentFiles,
  swiftFiles,
} from './scene.ts';

async function written(exchanges: number, segmentBytes = 1e9): Promise<AuditConfig> {
  const of = config();
  const log = await openAudit(of, { files: swiftFiles, eachSecond: () => () => {}, segmentBytes });
  const audit = log.forUpstream('main', digest);
  for (let n = 0; n < exchanges; n++) {
    const trail = await audit.begin(exchange({ id: `r${n}` }), permit());
    trail.end(outcome);
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
  return of;
}

/** Rewrites one segment line by line, and verifies. */
function tampered(of: AuditConfig, change: (lines: string[]) => string[], segment = 0) {
  const path = segmentFiles(of)[segment] ?? '';
  const before = readFileSync(path, 'latin1');
  writeFileSync(path, change(before.split('\n').slice(0, -1)).join('\n').concat('\n'), 'latin1');
  const verdict = verify(of.directory);
  writeFileSync(path, before, 'latin1');
  return verdict;
}

describe('verifying', () => {
  it('follows the chain as anyone can: SHA-256 over each line with its newline', async () => {
    const of = await written(3);
    let prev = '0'.repeat(64);
    for (const line of readFileSync(segmentFiles(of)[0] ?? '', 'utf8').split(/(?<=\n)/)) {
      expect((JSON.parse(line) as { prev: string }).prev).toBe(prev);
      prev = createHash('sha256').update(line).digest('hex');
    }
    expect(verify(of.directory)).toEqual({ ok: true, records: 8, segments: 1, firstBad: null });
  });

  it('finds every flipped byte before the last record, in it or where it was chained', async () => {
    const of = await written(4);
    const [path = ''] = segmentFiles(of);
    const whole = readFileSync(path);
    const last = whole.lastIndexOf(10, whole.length - 2) + 1;
    const file = openSync(path, 'r+');
    onTestFinished(() => closeSync(file));
    let seq = 1;
    for (let at = 0; at < last; at++) {
      const byte = whole[at] ?? 0;
      writeSync(file, Buffer.of(byte ^ (1 << (at % 8))), 0, 1, at);
      const { ok, firstBad } = verify(of.directory);
      writeSync(file, Buffer.of(byte), 0, 1, at);
      expect(ok).toBe(false);
      expect([seq - 1, seq]).toContain(firstBad?.seq);
      if (whole[at] === 10) seq++;
    }
  }, 30_000);

  it('names the record that was edited, removed, doubled, swapped or put in', async () => {
    const of = await written(5);
    const [third = ''] = lines(of)
      .slice(2, 3)
      .map((line) => JSON.stringify(line));
    const first = (change: (lines: string[]) => string[]) => tampered(of, change).firstBad?.seq;
    expect(first((all) => all.with(2, (all[2] ?? '').replace('r0', 'r9')))).toBe(3);
    expect(first((all) => all.toSpliced(2, 1))).toBe(3);
    expect(first((all) => all.toSpliced(2, 0, all[2] ?? ''))).toBe(4);
    expect(first((all) => all.with(2, all[3] ?? '').with(3, all[2] ?? ''))).toBe(3);
    expect(first((all) => all.toSpliced(3, 0, third.replace('"seq":3', '"seq":4')))).toBe(3);
    expect(first((all) => all.slice(1).map((line) => line.replace('"w1"', '"w2"')))).toBe(1);
    expect(verify(of.directory).ok).toBe(true);
  });

  it('tells the file and the offset of the bad record', async () => {
    const of = await written(5);
    const offset = readFileSync(segmentFiles(of)[0] ?? '').indexOf(10) + 1;
    const { firstBad } = tampered(of, (all) => all.with(1, 'no record'));
    expect(firstBad).toEqual({
      file: 'w1-1.jsonl',
      offset,
      seq: 2,
      reason: 'this is no record of its writer',
      torn: false,
    });
  });

  it('finds a segment that is missing, and one cut at a record', async () => {
    const of = await written(20, 2000);
    const [, second = '', third = ''] = segmentFiles(of);
    const all = readFileSync(second, 'latin1').split('\n').slice(0, -1);
    expect(tampered(of, (some) => some.slice(0, -1), 1).firstBad?.file).toBe('w1-3.jsonl');
    expect(all.length).toBeGreaterThan(1);
    rmSync(third);
    expect(verify(of.directory).firstBad).toMatchObject({
      file: 'w1-3.jsonl',
      reason: 'the segment is missing',
    });
  });

  it('takes a fault record at its word only where the chain bears it out', async () => {
    const of = await written(20, 2000);
    const [first = '', second = ''] = segmentFiles(of);
    const lying = readFileSync(second, 'latin1').replace(
      /"kind":"\w+"/,
      `"kind":"fault","segment":"w1-1.jsonl","bytes":${readFileSync(first).indexOf(10) + 1}`,
    );
    writeFileSync(second, lying);
    expect(verify(of.directory).ok).toBe(false);
  });

  it('holds a second writer to a chain of its own', async () => {
    const of = await written(3);
    const log = await openAudit(of, { writer: 'w2', eachSecond: () => () => {} });
    await log.close();
    expect(verify(of.directory)).toMatchObject({ ok: true, records: 10, segments: 2 });
    writeFileSync(join(of.directory, 'w2-1.jsonl'), 'x\n');
    expect(verify(of.directory).firstBad).toMatchObject({ file: 'w2-1.jsonl', seq: 1 });
  });
});
