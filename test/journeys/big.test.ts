import { existsSync, readFileSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

const mebibyte = 1024 * 1024;
const size = Number(process.env['VECTORGATE_TEST_BIG'] ?? 2048) * mebibyte;
const most = 64 * mebibyte;
const hasProc = existsSync('/proc/self/statm');
if (!hasProc) console.log('big: without /proc the memory of the gateway is not looked at');

let database: TestDatabase;
let gateway: TestGateway;
let ca: Buffer;
let key: string;
let snapshot: string;

beforeAll(async () => {
  database = await openDemo({ snapshotBytes: size });
  gateway = await startGateway({
    database,
    policies: {
      admin: 'allow: [{ collections: ["*"], access: [m, admin] }]',
      r: 'allow: [{ collections: [big], access: r }]',
    },
    keys: { admin: { roles: ['admin'] }, r: { roles: ['r'] } },
  });
  ca = readFileSync(gateway.certificates.ca);
  key = gateway.keys['admin'] ?? '';
  const rest = openRest(gateway);
  const body = JSON.stringify({ vectors: { size: 2, distance: 'Dot' } });
  await rest.ask({ method: 'PUT', path: '/collections/big', key, body });
  // What the process takes once, for its first streams, is no part of what it takes for each. The
  // upload comes first: snapshots are named by the second, and the later of one name is kept.
  await upload(64 * mebibyte, () => undefined);
  const made = await rest.ask({ method: 'POST', path: '/collections/big/snapshots', key });
  snapshot = (JSON.parse(made.body.toString()) as { result: { name: string } }).result.name;
  rest.close();
  await download(64 * mebibyte, () => undefined);
});
afterAll(async () => {
  await gateway.stop();
  await database.close();
});

/** What the gateway's process holds of the machine's memory, in bytes. */
function resident(): number {
  if (!hasProc) return 0;
  const pages = readFileSync(`/proc/${gateway.pid}/statm`, 'utf8').split(' ')[1];
  return Number(pages) * 4096;
}

/** Watches the process while bytes go by, every few mebibytes. */
function watching(): { seen(bytes: number): void; readonly added: number } {
  const before = resident();
  let highest = before;
  let next = 0;
  return {
    seen: (bytes) => {
      if (bytes < next) return;
      next = bytes + 8 * mebibyte;
      highest = Math.max(highest, resident());
    },
    get added() {
      return highest - before;
    },
  };
}

function ask(method: string, path: string, headers: Record<string, string>): ClientRequest {
  const all = { 'api-key': key, ...headers };
  return request(gateway.http() + path, { method, ca, headers: all, agent: false });
}

function answerTo(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
}

async function download(bytes: number, seen: (bytes: number) => void): Promise<number> {
  const range = bytes === size ? {} : { range: `bytes=0-${bytes - 1}` };
  const sent = ask('GET', `/collections/big/snapshots/${snapshot}`, range);
  sent.end();
  const answer = await answerTo(sent);
  expect([200, 206]).toContain(answer.statusCode);
  let received = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    received += chunk.length;
    seen(received);
  }
  return received;
}

const uploading = '/collections/big/snapshots/upload';
const form = { 'content-type': 'multipart/form-data; boundary=b' };
const block = Buffer.alloc(256 * 1024, 'x');

async function upload(bytes: number, seen: (bytes: number) => void): Promise<string> {
  const sent = ask('POST', uploading, { ...form, 'content-length': String(bytes) });
  const answered = answerTo(sent);
  await pipeline(Readable.from(blocks(bytes, seen)), sent);
  const answer = await answered;
  const parts = await answer.toArray();
  return Buffer.concat(parts as Buffer[]).toString();
}

function* blocks(bytes: number, seen: (bytes: number) => void): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += block.length) {
    seen(sent);
    yield block;
  }
}

function outcomes(operation: string) {
  const of = new Set(
    gateway.audit().flatMap((record) => (record.operation === operation ? [record.request] : [])),
  );
  return gateway.audit().filter(({ kind, request: id }) => kind === 'outcome' && of.has(id));
}

describe(`a snapshot of ${size / mebibyte} MiB`, () => {
  it('is downloaded through no more than 64 MiB of the gateway', async () => {
    const watch = watching();
    expect(await download(size, watch.seen)).toBe(size);
    console.log(`big: a download added ${Math.round(watch.added / mebibyte)} MiB`);
    expect(watch.added).toBeLessThan(most);
    await expect
      .poll(() => outcomes('snapshots.download').at(-1))
      .toMatchObject({ status: 200, bytes: { out: size } });
  }, 300_000);

  it('is uploaded through no more', async () => {
    const watch = watching();
    expect(JSON.parse(await upload(size, watch.seen))).toMatchObject({ result: true });
    console.log(`big: an upload added ${Math.round(watch.added / mebibyte)} MiB`);
    expect(watch.added).toBeLessThan(most);
    await expect
      .poll(() => outcomes('snapshots.upload').at(-1))
      .toMatchObject({ status: 200, bytes: { in: size } });
  }, 300_000);
});

describe('an upload that is refused', () => {
  /** Sends the head and a first piece, and nothing more until the answer is there. */
  async function begin(path: string, as: string): Promise<[number | undefined, string]> {
    const headers = { ...form, 'content-length': String(size), 'api-key': as };
    const sent = ask('POST', path, headers);
    sent.write(block);
    const answer = await answerTo(sent);
    const parts: Buffer[] = [];
    answer.on('data', (part: Buffer) => parts.push(part));
    await new Promise((resolve) => answer.once('end', resolve));
    sent.on('error', () => undefined).destroy();
    return [answer.statusCode, Buffer.concat(parts).toString()];
  }

  it('by the database hears so at once, with the rest of its body unsent', async () => {
    const [status, text] = await begin(uploading.replace('big', 'none'), key);
    expect([status, text]).toEqual([404, expect.stringContaining("`none` doesn't exist!")]);
  });

  it('by the gateway, too, and the database hears nothing of it', async () => {
    const before = database.touches?.filter(({ operation }) => /upload/.test(operation)).length;
    const [status, text] = await begin(uploading, gateway.keys['r'] ?? '');
    expect([status, text]).toEqual([403, expect.stringContaining('Forbidden: ')]);
    expect(database.touches?.filter(({ operation }) => /upload/.test(operation)).length).toBe(
      before,
    );
  });
});
