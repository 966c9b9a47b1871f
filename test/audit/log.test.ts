import { renameSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { segmentsIn } from '../../src/audit/segment.ts';
import { verify } from '../../src/audit/verify.ts';
import { fallibleFiles } from './fallible-files.ts';
import {
  changing,
  config,
  digest,
  exchange,
  lines,
  opened,
  outcome,
  permit,
  reading,
  seconds,
  segmentFiles,
} from './scene.ts';

const refused = expect.objectContaining({ code: 'audit-unavailable' });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('an intent', () => {
  it('of a read is in the file before begin settles', async () => {
    const of = config();
    const audit = (await opened(of)).forUpstream('main', digest);
    await audit.begin(exchange({ id: 'a' }), permit(reading));
    expect(lines(of).at(-1)).toMatchObject({ kind: 'intent', request: 'a' });
  });

  it('of a write is synced before begin settles', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    files.holdSyncs();
    let begun = false;
    const trail = Promise.resolve(audit.begin(exchange({ id: 'a' }), permit(changing)));
    const settled = trail.then(() => {
      begun = true;
    });
    await turn();
    await turn();
    expect(lines(of).at(-1)).toMatchObject({ kind: 'intent', request: 'a' });
    expect(begun).toBe(false);
    files.release();
    await settled;
    expect(begun).toBe(true);
  });

  it('of a read shares its write with those that come in the same turn', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    const before = files.calls.length;
    await Promise.all(Array.from({ length: 50 }, () => audit.begin(exchange(), permit(reading))));
    expect(files.calls.slice(before).map(([call]) => call)).toEqual(['write']);
    expect(lines(of).filter(({ kind }) => kind === 'intent')).toHaveLength(50);
  });

  it('of a read never waits for a sync that is under way', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    files.holdSyncs();
    const first = audit.begin(exchange(), permit(changing));
    await turn();
    const second = audit.begin(exchange(), permit(changing));
    await Promise.all([1, 2, 3].map(() => audit.begin(exchange(), permit(reading))));
    files.release();
    await Promise.all([first, second]);
  });

  it('of a write waits for the sync after the one that is under way', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    const syncs = () => files.calls.filter(([call]) => call === 'datasync').length;
    const before = syncs();
    files.holdSyncs();
    const begun = [];
    for (let n = 0; n < 3; n++) {
      begun.push(audit.begin(exchange(), permit(changing)));
      await turn();
      await turn();
    }
    expect(syncs() - before).toBe(1);
    files.release();
    await Promise.all(begun);
    expect(syncs() - before).toBe(2);
  });

  it('shares its write and its sync with those that come in the same turn', async () => {
    const of = config();
    const files = fallibleFiles();
    const log = await opened(of, { files });
    const audit = log.forUpstream('main', digest);
    const before = files.calls.length;
    await Promise.all(Array.from({ length: 50 }, () => audit.begin(exchange(), permit(changing))));
    expect(files.calls.slice(before).map(([call]) => call)).toEqual(['write', 'datasync']);
    expect(log.status.groupSize).toBe(50);
  });

  it('that is written while a sync is under way waits for the next', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    files.holdSyncs();
    const first = audit.begin(exchange(), permit(changing));
    await turn();
    let begun = false;
    const second = Promise.resolve(audit.begin(exchange({ id: 'b' }), permit(changing))).then(
      () => {
        begun = true;
      },
    );
    await audit.begin(exchange(), permit(reading));
    expect(lines(of).some(({ request }) => request === 'b')).toBe(true);
    files.releaseOne();
    await first;
    await turn();
    expect(begun).toBe(false);
    files.release();
    await second;
  });

  it('is refused when too many wait for the disk, and the queue drains after', async () => {
    const of = config();
    const files = fallibleFiles();
    const log = await opened(of, { files, queue: 3 });
    const audit = log.forUpstream('main', digest);
    files.holdSyncs();
    const begun = [1, 2, 3].map(() => audit.begin(exchange(), permit(changing)));
    await expect(audit.begin(exchange(), permit(changing))).rejects.toEqual(refused);
    expect(log.status.queue).toBe(3);
    await turn();
    files.release();
    await Promise.all(begun);
    expect(log.status.queue).toBe(0);
    await audit.begin(exchange(), permit(changing));
  });
});

describe('an outcome', () => {
  it('of a read rides with the next write, at the latest when the turn ends', async () => {
    const of = config();
    const audit = (await opened(of)).forUpstream('main', digest);
    const trail = await audit.begin(exchange({ id: 'a' }), permit(reading));
    expect(trail.end(outcome)).toBeUndefined();
    expect(lines(of).at(-1)).toMatchObject({ kind: 'intent' });
    await turn();
    expect(lines(of).at(-1)).toMatchObject({ kind: 'outcome', request: 'a', points: { out: 10 } });
  });

  it('of a write is synced before its answer may end', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    const trail = await audit.begin(exchange({ id: 'a' }), permit(changing));
    files.fail('datasync', 'EIO');
    await expect(trail.end(outcome)).rejects.toEqual(refused);
  });

  it('ends a record once', async () => {
    const of = config();
    const audit = (await opened(of)).forUpstream('main', digest);
    const trail = await audit.begin(exchange({ id: 'a' }), permit(changing));
    await trail.end(outcome);
    await trail.end(outcome);
    expect(lines(of).filter(({ kind }) => kind === 'outcome')).toHaveLength(1);
  });

  it('has its attempts before it, each written before it is made', async () => {
    const of = config();
    const audit = (await opened(of)).forUpstream('main', digest);
    const trail = await audit.begin(exchange({ id: 'a' }), permit(reading));
    await trail.attempt(2);
    expect(lines(of).at(-1)).toMatchObject({ kind: 'attempt', request: 'a', attempt: 2 });
  });
});

describe.each([
  ['write', 'ENOSPC'],
  ['write', 'EIO'],
  ['datasync', 'EIO'],
  ['datasync', 'ENOSPC'],
] as const)('after a %s that fails with %s', (call, code) => {
  it('nothing passes, and readiness is gone', async () => {
    const of = config();
    const files = fallibleFiles();
    const log = await opened(of, { files });
    const audit = log.forUpstream('main', digest);
    files.fail(call, code);
    await expect(audit.begin(exchange(), permit(changing))).rejects.toEqual(refused);
    files.mend();
    await expect(audit.begin(exchange(), permit(reading))).rejects.toEqual(refused);
    await expect(audit.begin(exchange(), permit(changing))).rejects.toEqual(refused);
    expect(log.status).toMatchObject({ ready: false, segment: null });
    expect(log.status.lastError).toContain(code);
  });

  it('the failed file is never touched again', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    files.fail(call, code);
    await expect(audit.begin(exchange(), permit(changing))).rejects.toEqual(refused);
    const before = files.calls.length;
    second.pass();
    second.pass();
    await turn();
    files.mend();
    const after = files.calls.slice(before).filter(([, on]) => String(on).includes('w1-1.jsonl'));
    expect(after).toEqual([]);
  });

  it('service resumes with a durable fault record in a new segment, and no earlier', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    const read = await audit.begin(exchange({ id: 'read' }), permit(reading));
    files.fail(call, code);
    await expect(audit.begin(exchange({ id: 'lost' }), permit(changing))).rejects.toEqual(refused);
    read.end(outcome);
    for (const stage of ['create', 'write', 'datasync', 'syncDirectory'] as const) {
      files.mend();
      files.fail(stage, code);
      second.pass();
      await expect.poll(() => log.status.lastError).toContain(stage);
      expect(log.status.ready).toBe(false);
      await expect(audit.begin(exchange(), permit(reading))).rejects.toEqual(refused);
    }
    files.mend();
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    await audit.begin(exchange({ id: 'next' }), permit(reading));
    const fault = lines(of).findIndex(({ kind }) => kind === 'fault');
    expect(lines(of)[fault]).toMatchObject({ segment: 'w1-1.jsonl', error: `${code}: ${call}` });
    const after = lines(of).slice(fault + 1);
    expect(after).toContainEqual(expect.objectContaining({ kind: 'outcome', request: 'read' }));
    expect(after.at(-1)).toMatchObject({ kind: 'intent', request: 'next' });
    expect(verify(of.directory)).toMatchObject({ ok: true });
  });
});

describe('an intent that reached the file but not the disk', () => {
  it('is refused, and ended in the new segment as never sent', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    files.fail('datasync', 'EIO');
    await expect(audit.begin(exchange({ id: 'a' }), permit(changing))).rejects.toEqual(refused);
    files.mend();
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    expect(lines(of).filter(({ kind }) => kind === 'outcome')).toEqual([
      expect.objectContaining({ request: 'a', attempts: 0, failure: 'audit-unavailable' }),
    ]);
  });
});

describe('what was written but not synced when a log failed', () => {
  it('is carried over, so that nothing hangs on what the failed file may lose', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second, segmentBytes: 1500 });
    const audit = log.forUpstream('main', digest);
    for (const id of ['a', 'b', 'c', 'd']) audit.begin(exchange({ id }), permit(reading));
    files.fail('datasync', 'EIO');
    second.pass();
    await expect.poll(() => log.status.ready).toBe(false);
    files.mend();
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    const kinds = lines(of).map(({ kind, request }) => request ?? kind);
    expect(kinds).toEqual(['start', 'fault', 'a', 'b', 'c', 'd']);
    expect(lines(of)[1]).toMatchObject({ segment: 'w1-1.jsonl', carried: 4, dropped: 0 });
    expect(verify(of.directory)).toMatchObject({ ok: true, records: 6 });
  });

  it('is told as dropped where it cannot be read back', async () => {
    const of = config();
    const second = seconds();
    const log = await opened(of, second);
    const audit = log.forUpstream('main', digest);
    await audit.begin(exchange(), permit(reading));
    rmSync(segmentFiles(of)[0] ?? '');
    await expect
      .poll(() => {
        second.pass();
        return lines(of).at(-1);
      })
      .toMatchObject({ kind: 'fault', carried: 0, dropped: 1 });
  });
});

describe('a write of which the kernel takes a part', () => {
  it('is finished byte by byte', async () => {
    const of = config();
    const files = fallibleFiles();
    const audit = (await opened(of, { files })).forUpstream('main', digest);
    files.takeAtMost(1);
    await audit.begin(exchange({ id: 'a' }), permit(reading));
    expect(lines(of).at(-1)).toMatchObject({ request: 'a' });
    expect(verify(of.directory).ok).toBe(true);
  });

  it('leaves nothing that counts when the rest fails, even where it cannot be cut off', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second });
    const audit = log.forUpstream('main', digest);
    files.takeAtMost(300);
    files.fail('write', 'ENOSPC');
    files.fail('truncate', 'EIO');
    await expect(audit.begin(exchange({ id: 'a' }), permit(reading))).rejects.toEqual(refused);
    files.mend();
    files.fail('truncate', 'EIO');
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    await audit.begin(exchange({ id: 'b' }), permit(reading));
    await log.close();
    expect(() => lines(of)).toThrow();
    expect(verify(of.directory)).toMatchObject({ ok: true, segments: 2 });
    const again = await opened(of);
    expect(again.status.ready).toBe(true);
  });
});

describe('a log whose file is taken away', () => {
  it.each([
    ['removed', (path: string) => rmSync(path)],
    ['moved away', (path: string) => renameSync(path, `${path}.old`)],
  ])('notices within a second that it was %s', async (_, take) => {
    const of = config();
    const second = seconds();
    const log = await opened(of, second);
    const audit = log.forUpstream('main', digest);
    const [path = ''] = segmentFiles(of);
    take(path);
    second.pass();
    await expect(audit.begin(exchange(), permit(reading))).rejects.toEqual(refused);
    expect(log.status.lastError).toContain('removed or replaced');
  });
});

describe('a disk that does not answer', () => {
  it('is told by readiness once it has taken five seconds', async () => {
    const of = config();
    const files = fallibleFiles();
    let now = 0;
    const clock = { wall: () => 0, monotonic: () => now };
    const log = await opened(of, { files, clock });
    files.holdSyncs();
    const begun = log.forUpstream('main', digest).begin(exchange(), permit(changing));
    await turn();
    now = 5001;
    expect(log.status.ready).toBe(false);
    files.release();
    await begun;
    expect(log.status.ready).toBe(true);
  });
});

describe('a segment that is full', () => {
  it('is followed by another, and the chain goes through', async () => {
    const of = config();
    const log = await opened(of, { segmentBytes: 2000 });
    const audit = log.forUpstream('main', digest);
    for (let n = 0; n < 40; n++) {
      const trail = await audit.begin(exchange(), permit(n % 2 ? reading : changing));
      await trail.end(outcome);
    }
    await log.close();
    expect(segmentsIn(of.directory).length).toBeGreaterThan(5);
    expect(lines(of).map(({ seq }) => seq)).toEqual(lines(of).map((_, n) => n + 1));
    expect(verify(of.directory)).toMatchObject({ ok: true, records: 82 });
  });

  it('goes on being written where no other can be made', async () => {
    const of = config();
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { files, ...second, segmentBytes: 1000 });
    const audit = log.forUpstream('main', digest);
    files.fail('create', 'EMFILE');
    for (let n = 0; n < 10; n++) await audit.begin(exchange(), permit(reading));
    expect(log.status).toMatchObject({ ready: true, segment: 'w1-1.jsonl' });
    expect(log.status.lastError).toContain('EMFILE');
    files.mend();
    second.pass();
    await expect.poll(() => log.status.segment).toBe('w1-2.jsonl');
  });
});

describe('what is only written', () => {
  it('is synced within a second', async () => {
    const files = fallibleFiles();
    const second = seconds();
    const audit = (await opened(config(), { files, ...second })).forUpstream('main', digest);
    await audit.begin(exchange(), permit(reading));
    const before = files.calls.filter(([call]) => call === 'datasync').length;
    second.pass();
    expect(files.calls.filter(([call]) => call === 'datasync')).toHaveLength(before + 1);
  });
});
