import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { cursorBefore } from '../../src/audit/cursor.ts';
import type { FileOperations } from '../../src/audit/files.ts';
import { spaceOf } from '../../src/audit/space.ts';
import type { Audit } from '../../src/audit/trail.ts';
import { verify } from '../../src/audit/verify.ts';
import {
  changing,
  config,
  digest,
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
import { pair, signing } from './sealed-log.ts';

const day = 86_400_000;
const start = Date.parse('2026-11-22T12:00:00Z');

/** A clock that the test sets. */
function hands() {
  let passed = 0;
  return {
    clock: { wall: () => start + passed, monotonic: () => passed },
    wait: (milliseconds: number) => {
      passed += milliseconds;
    },
  };
}

const names = (of: AuditConfig) =>
  readdirSync(of.directory)
    .filter((name) => /jsonl/.test(name))
    .sort((a, b) => Number(/-(\d+)/.exec(a)?.[1]) - Number(/-(\d+)/.exec(b)?.[1]));

async function exchanges(audit: Audit, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const trail = await audit.begin(exchange(), permit(reading));
    await trail.end(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A log whose segments hold a few records, or more than is worth compressing. */
async function running(of: AuditConfig, segmentBytes = 4096) {
  const time = hands();
  const second = seconds();
  /** What the directory held whenever a sync was about to end. */
  const syncs: { readonly names: readonly string[]; readonly text: string }[] = [];
  const files: FileOperations = {
    ...swiftFiles,
    datasync: (_, done) =>
      void setImmediate(() => {
        if (segmentBytes === 4096) {
          const text = segmentFiles(of)
            .slice(-1)
            .map((path) => readFileSync(path, 'utf8'));
          syncs.push({ names: names(of), text: text.join('') });
        }
        done(null);
      }),
  };
  const around = { segmentBytes, files, clock: time.clock, ...second };
  const log = await opened(of, around);
  const audit = log.forUpstream('main', digest);
  return {
    ...time,
    ...second,
    syncs,
    log,
    audit,
    more: (count: number) => exchanges(audit, count),
  };
}

/** Passes minutes until something holds. */
async function until(second: { pass(): void; wait(ms: number): void }, holds: () => boolean) {
  await expect
    .poll(() => {
      second.wait(61_000);
      second.pass();
      return holds();
    })
    .toBe(true);
}

describe('a sealed segment', () => {
  it('is compressed, and every reader goes on as before', async () => {
    const of = config();
    const gateway = await running(of, 1_200_000);
    const cursor = cursorBefore(of.directory, 0);
    await gateway.more(2500);
    await until(gateway, () => names(of)[0] === 'w1-1.jsonl.gz');
    await until(gateway, () => !existsSync(join(of.directory, 'w1-1.jsonl')));
    await gateway.log.close();
    const { ok, records } = verify(of.directory);
    expect({ ok, records }).toEqual({ ok: true, records: 5002 });
    const seen: number[] = [];
    cursor.read((line) => seen.push((JSON.parse(line) as Line).seq));
    expect(seen.length).toBeGreaterThan(5000);
    await (await openAudit(of)).close();
    expect(verify(of.directory)).toMatchObject({ ok: true, records: 5004 });
  });

  it('stays as it is where that is asked for, or it is small', async () => {
    const of = config({ compress: false });
    const gateway = await running(of);
    await gateway.more(100);
    for (let n = 0; n < 70; n++) {
      gateway.wait(1000);
      gateway.pass();
    }
    await gateway.log.close();
    expect(names(of).length).toBeGreaterThan(3);
    expect(names(of).filter((name) => name.endsWith('.gz'))).toEqual([]);
  });
});

describe('retention', () => {
  const keeping = (over: Partial<AuditConfig['retention']>) =>
    config({ retention: { shippedOnly: false, ...over } });

  it('deletes the oldest segments past their age, each under a durable record', async () => {
    const of = keeping({ age: 7 * day });
    const gateway = await running(of);
    await gateway.more(40);
    const before = names(of);
    const first = lines(of);
    expect(before.length).toBeGreaterThan(4);
    gateway.wait(8 * day);
    await gateway.more(1);
    await until(gateway, () => names(of).length <= 2);
    await gateway.log.close();
    const deleted = lines(of).filter(({ event }) => event === 'audit.deleted');
    expect(deleted.map(({ segment }) => segment)).toEqual(before.slice(0, deleted.length));
    for (const { kind, reason, lastSeq, lastHash } of deleted) {
      expect({ kind, reason }).toEqual({ kind: 'config', reason: 'age' });
      const after = [...first, ...lines(of)].find(({ seq }) => seq === Number(lastSeq) + 1);
      expect(after?.prev).toBe(lastHash);
    }
    expect(verify(of.directory)).toMatchObject({ ok: true, firstBad: null });
  });

  it('deletes nothing before the record of it is on the disk', async () => {
    const of = keeping({ size: 1 });
    const gateway = await running(of);
    await gateway.more(12);
    const [oldest = ''] = names(of);
    const before = gateway.syncs.length;
    await until(gateway, () => !names(of).includes(oldest));
    const told = (file: string) => file.includes(`"audit.deleted","segment":"${oldest}"`);
    const first = gateway.syncs.slice(before).find(({ text }) => told(text));
    expect(first?.names).toContain(oldest);
  });

  it('keeps the newest that fit its size', async () => {
    const of = keeping({ size: 16_384 });
    const gateway = await running(of);
    await gateway.more(100);
    await until(gateway, () => names(of).length <= 5);
    await gateway.log.close();
    expect(names(of).length).toBeGreaterThan(2);
    expect(verify(of.directory)).toMatchObject({ ok: true });
  });

  it('never deletes what waits to be shipped', async () => {
    const of = keeping({ size: 1, shippedOnly: true });
    const gateway = await running(of);
    await gateway.more(40);
    const before = names(of);
    for (let n = 0; n < 130; n++) {
      gateway.wait(1000);
      gateway.pass();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(names(of)).toEqual(before);
    for (const name of before.slice(0, 2)) writeFileSync(join(of.directory, `${name}.shipped`), '');
    await until(gateway, () => !names(of).includes(before[1] ?? ''));
    expect(names(of).slice(0, before.length - 2)).toEqual(before.slice(2));
    await gateway.log.close();
    expect(verify(of.directory)).toMatchObject({ ok: true });
  });

  it('is told from a removal that no record explains', async () => {
    const of = keeping({ size: 16_384 });
    const gateway = await running(of);
    await gateway.more(100);
    await until(gateway, () => names(of).length <= 5);
    await gateway.log.close();
    const path = join(of.directory, names(of)[0] ?? '');
    writeFileSync(path, readFileSync(path, 'utf8').split('\n').slice(1).join('\n'));
    const { ok, firstBad } = verify(of.directory);
    expect(ok).toBe(false);
    expect(firstBad?.reason).toContain('no record tells of their deletion');
  });
});

describe('a log with checkpoints and a manifest', () => {
  it('verifies with its beginning deleted and the rest compressed, also after a restart', async () => {
    const key = pair();
    const kept = config({ retention: { shippedOnly: true, size: 1 } });
    const of = signing(key, kept);
    const gateway = await running(of, 1_200_000);
    await gateway.more(6000);
    await until(gateway, () => names(of).filter((name) => name.endsWith('.gz')).length > 1);
    writeFileSync(join(of.directory, 'w1-1.jsonl.shipped'), '');
    await until(gateway, () => names(of).every((name) => !name.startsWith('w1-1.')));
    await gateway.log.close();
    const trusted = { notes: [], trusted: [key.public] };
    expect(verify(of.directory, trusted)).toMatchObject({ ok: true, firstBad: null });
    await (await openAudit(of)).close();
    expect(verify(of.directory, trusted)).toMatchObject({ ok: true, firstBad: null });
    const [oldest = ''] = names(of);
    rmSync(join(of.directory, oldest));
    expect(verify(of.directory, trusted).ok).toBe(false);
  });
});

describe('the room of a log', () => {
  it.each([
    [69, 100, 1e9, 'enough'],
    [70, 100, 1e9, 'warning'],
    [85, 100, 1e9, 'alarm'],
    [95, 100, 1e9, 'full'],
    [70, null, 30, 'warning'],
    [70, 1000, 3, 'full'],
    [0, null, 0, 'full'],
  ])('of %i bytes, budget %s and %i free is %s', (bytes, budget, free, level) => {
    expect(spaceOf(bytes, budget, free).level).toBe(level);
  });

  it('refuses by class from 95 % on, lets what is under way end, and takes more again', async () => {
    const of = config({ unavailable: { read: 'forward', write: 'refuse' } });
    const second = seconds();
    let free = 1e9;
    const noticed: unknown[] = [];
    const log = await opened(of, {
      ...second,
      volumeFree: async () => free,
      noticed: (notice, wrong, detail) => {
        if (notice.startsWith('audit ')) noticed.push([notice, wrong, detail['level']]);
      },
    });
    const audit = log.forUpstream('main', digest);
    const level = async (next: number, wanted: string) => {
      free = next;
      await expect
        .poll(() => {
          second.pass();
          return log.status.space.level;
        })
        .toBe(wanted);
    };
    const trail = await audit.begin(exchange({ id: 'a' }), permit(changing));
    await level(0, 'full');
    expect(log.status).toMatchObject({ ready: false, unrecorded: { read: 0, write: 0 } });
    expect(() => audit.begin(exchange(), permit(changing))).toThrow('used up');
    await audit.begin(exchange(), permit(reading));
    expect(log.status.unrecorded).toEqual({ read: 1, write: 0 });
    await trail.end(outcome);
    expect(lines(of).at(-1)).toMatchObject({ kind: 'outcome', request: 'a' });
    await level(1e9, 'enough');
    expect(log.status.ready).toBe(true);
    await audit.begin(exchange({ id: 'b' }), permit(changing));
    expect(lines(of).at(-1)).toMatchObject({ kind: 'intent', request: 'b' });
    expect(noticed).toEqual([
      ['audit space', true, 'full'],
      ['audit space', false, 'enough'],
    ]);
  });

  it('is known before the first request', async () => {
    const of = config();
    const log = await opened(of, { volumeFree: async () => 0 });
    const audit = log.forUpstream('main', digest);
    expect(() => audit.begin(exchange(), permit(reading))).toThrow('used up');
  });

  it('that cannot be measured is told once, and the log goes on', async () => {
    const second = seconds();
    const noticed: unknown[] = [];
    const log = await opened(config(), {
      ...second,
      volumeFree: () => Promise.reject(new Error('no such volume')),
      noticed: (notice, _wrong, detail) => {
        if (notice.startsWith('audit ')) noticed.push([notice, detail['reason']]);
      },
    });
    for (let n = 0; n < 3; n++) {
      second.pass();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(noticed).toEqual([['audit upkeep', 'no such volume']]);
    await exchanges(log.forUpstream('main', digest), 1);
  });
});
