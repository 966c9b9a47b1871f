import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readManifest } from '../../src/audit/manifest.ts';
import { readNotes } from '../../src/audit/note.ts';
import { verify } from '../../src/audit/verify.ts';
import { fallibleFiles } from './fallible-files.ts';
import {
  config,
  digest,
  exchange,
  lines,
  opened,
  permit,
  reading,
  seconds,
  segmentFiles,
} from './scene.ts';
import { fileOf, pair, run, signing } from './sealed-log.ts';

const key = pair();

/** A second place that answers with these statuses, then with 200. */
async function receiver(...statuses: number[]) {
  const taken: { body: string; token: string | undefined }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const status = statuses.shift() ?? 200;
      if (status === 200) taken.push({ body, token: request.headers.authorization });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { taken, url: `http://127.0.0.1:${port}/checkpoints` };
}

describe('checkpoints', () => {
  it('end each segment and the log, and stand at intervals between', async () => {
    const of = signing(key);
    await run(of, 12);
    const kinds = segmentFiles(of).map((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { kind: string }).kind),
    );
    expect(kinds.length).toBeGreaterThan(2);
    expect(kinds.map((all) => all.at(-1))).toEqual(kinds.map(() => 'checkpoint'));
    expect(kinds.some((all) => all.slice(0, -1).includes('checkpoint'))).toBe(true);
    expect(verify(of.directory).checkpoints).toMatchObject({ trusted: false, unsealed: 0 });
  });

  it('come each ten minutes where nothing is recorded', async () => {
    const second = seconds();
    let now = 0;
    const clock = { wall: () => 1_764_000_000_000 + now, monotonic: () => now };
    const log = await opened(signing(key), { ...second, clock });
    await expect.poll(() => log.status.checkpoints?.covered).toBe(1);
    for (now = 0; now < 3_600_000; now += 60_000) {
      second.pass();
      await expect.poll(() => log.status.queue).toBe(0);
    }
    expect(log.status.records).toBe(2 + 5);
  });

  it('are copied as signed notes of what is on the disk', async () => {
    const copy = fileOf('');
    const of = signing(key, config(), { copy });
    await run(of, 12);
    const notes = readNotes(readFileSync(copy, 'utf8'), copy);
    const records = lines(of).filter(({ kind }) => kind === 'checkpoint');
    expect(notes.map(({ size, hash }) => [size, hash])).toEqual(
      records.map(({ seq, prev }) => [seq - 1, prev]),
    );
    for (const note of notes) {
      expect(note.origin).toBe('gw/w1');
      expect(note.signedBy(key.public)).toBe(true);
      expect(note.signedBy(pair().public)).toBe(false);
    }
  });

  it('are posted, and again where the second place failed, in order', async () => {
    const { taken, url } = await receiver(503, 500);
    const of = signing(key, config(), { copy: url, copyToken: 'secret-token' });
    const second = seconds();
    const log = await opened(of, second);
    await expect.poll(() => log.status.checkpoints?.lastError).toContain('503');
    expect(log.status).toMatchObject({ ready: true, checkpoints: { covered: 1, waiting: 1 } });
    await expect
      .poll(() => {
        second.pass();
        return log.status.checkpoints?.waiting;
      })
      .toBe(0);
    await log.close();
    expect(log.status.checkpoints?.lastError).toBeNull();
    expect(taken.map(({ body }) => readNotes(body, 'body')[0]?.size)).toEqual([1, 3]);
    expect(taken[0]?.token).toBe('Bearer secret-token');
    expect(
      lines(of)
        .map((line) => JSON.stringify(line))
        .join(),
    ).not.toContain('secret-token');
  });

  it('never hold up the stop for a second place that is not there', async () => {
    const of = signing(key, config(), { copy: '/nowhere/at/all' });
    const noticed: string[] = [];
    const log = await opened(of, { noticed: (notice) => noticed.push(notice) });
    await log.close();
    expect(verify(of.directory).ok).toBe(true);
    expect(noticed).toContain('audit copy');
  });

  it('are copied no earlier than they are on the disk', async () => {
    const files = fallibleFiles();
    const second = seconds();
    let now = 0;
    const clock = { wall: () => 1_764_000_000_000 + now, monotonic: () => now };
    const copy = fileOf('');
    const of = signing(key, config(), { copy });
    const log = await opened(of, { files, clock, ...second });
    await expect.poll(() => log.status.checkpoints?.copied).toBe(1);
    files.fail('datasync', 'EIO');
    now += 3_600_000;
    second.pass();
    await expect.poll(() => log.status.ready).toBe(false);
    expect(log.status.checkpoints).toMatchObject({ copied: 1, waiting: 0 });
    expect(readNotes(readFileSync(copy, 'utf8'), copy).map(({ size }) => size)).toEqual([1]);
  });

  it('are not carried over a fault, as they speak of a place that is no more', async () => {
    const files = fallibleFiles();
    const second = seconds();
    const of = signing(key);
    const log = await opened(of, { files, ...second });
    await expect.poll(() => log.status.checkpoints?.covered).toBe(1);
    const audit = log.forUpstream('main', digest);
    await audit.begin(exchange({ id: 'a' }), permit(reading));
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
    await log.close();
    expect(verify(of.directory)).toMatchObject({ ok: true });
    expect(lines(of).find(({ kind }) => kind === 'fault')).toMatchObject({
      carried: 1,
      dropped: 0,
    });
  });
});

describe('the key of checkpoints', () => {
  it('is handed over by the one before, and not taken without', async () => {
    const of = signing(key);
    await run(of, 2);
    const next = pair();
    await expect(run(signing(next, of), 2)).rejects.toThrow('previousKey, so that it signs');
    const stranger = { previousKey: pair().pem };
    await expect(run(signing(next, of, stranger), 2)).rejects.toThrow('is not the key that signed');
    await run(signing(next, of, { previousKey: key.pem }), 2);
    await run(signing(next, of), 2);
    const handOver = lines(of).find((line) => line['nextKey'] !== undefined);
    expect(handOver).toMatchObject({ key: key.public, nextKey: next.public });
    const known = (trusted: string) => ({ notes: [], trusted: [trusted] });
    expect(verify(of.directory, known(key.public))).toMatchObject({ ok: true });
    expect(verify(of.directory, known(next.public)).firstBad?.reason).toContain('not in force');
  });

  it.each([
    ['no key', 'is no private key in PEM'],
    ['-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----', 'is no private key in PEM'],
  ])('is refused where it is %j', async (text, message) => {
    const of = signing({ ...key, pem: text.startsWith('-') ? text : fileOf(text) });
    await expect(run(of, 0)).rejects.toThrow(message);
  });
});

describe('the manifest', () => {
  it('lists every segment as it is, over crashes and restarts', async () => {
    const of = config();
    await run(of, 12);
    await run(of, 12);
    const manifest = readManifest(of.directory, 'w1');
    expect(manifest?.segments.map(({ name }) => join(of.directory, name))).toEqual(
      segmentFiles(of),
    );
    const all = lines(of);
    for (const { firstSeq, prev, sealed } of manifest?.segments ?? []) {
      expect(all[firstSeq - 1]?.prev).toBe(prev);
      expect(all[sealed?.lastSeq ?? 0]?.prev ?? sealed?.hash).toBe(sealed?.hash);
    }
    expect(verify(of.directory).ok).toBe(true);
  });
});
