import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type DemoDatabase, startDemoDatabase } from '../../src/demo/database.ts';
import { readAnswer, sendBytes } from './support/rest.ts';

const open: DemoDatabase[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

async function start(options: Parameters<typeof startDemoDatabase>[0]): Promise<DemoDatabase> {
  const database = await startDemoDatabase(options);
  open.push(database);
  return database;
}

test('a large snapshot is downloaded with little memory', async () => {
  const snapshotBytes = 2 ** 29;
  const { http } = await start({ snapshotBytes });
  const name = await snapshotOf(http);
  const socket = connect(Number(new URL(http).port), '127.0.0.1');
  socket.write(`${getting(name)}Connection: close\r\n\r\n`);
  const before = process.memoryUsage().rss;
  let [length, most] = [0, 0];
  let head = '';
  for await (const chunk of socket) {
    if (length === 0) head = chunk.toString('latin1').split('\r\n\r\n')[0] ?? '';
    length += chunk.length;
    if (length % 2 ** 24 < chunk.length) most = Math.max(most, process.memoryUsage().rss - before);
  }
  expect(head).toContain(`content-length: ${snapshotBytes}`);
  expect(length - head.length - 4).toBe(snapshotBytes);
  expect(most).toBeLessThan(2 ** 27);
}, 60_000);

test('a reader that stops reading does not hold up others', async () => {
  const { http } = await start({ snapshotBytes: 2 ** 40 });
  const socket = connect(Number(new URL(http).port), '127.0.0.1');
  socket.write(`${getting(await snapshotOf(http))}\r\n`);
  await once(socket, 'readable');
  expect((await fetch(`${http}/collections/a/exists`)).status).toBe(200);
  socket.destroy();
  await once(socket, 'close');
});

async function snapshotOf(http: string): Promise<string> {
  await fetch(`${http}/collections/a`, { method: 'PUT', body: '{}' });
  const made = await fetch(`${http}/collections/a/snapshots`, { method: 'POST' });
  return JSON.parse(await made.text()).result.name;
}

function getting(name: string): string {
  return `GET /collections/a/snapshots/${name} HTTP/1.1\r\n`;
}

const upload = (name: string, key: string) =>
  `POST /collections/${name}/snapshots/upload HTTP/1.1\r\nHost: a\r\napi-key: ${key}\r\n` +
  'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 2000000000\r\n\r\n--b\r\n';

test.each([
  ['403', 'a', 'reader', 'Forbidden: Global manage access is required'],
  ['404', 'missing', 'admin', "Not found: Collection `missing` doesn't exist!"],
  ['401', 'a', 'wrong', 'Invalid API key or JWT'],
])('a refused upload is answered %s before its body has come', async (status, name, key, body) => {
  const { http } = await start({ apiKey: 'admin', readOnlyApiKey: 'reader' });
  const headers = { 'api-key': 'admin' };
  await fetch(`${http}/collections/a`, { method: 'PUT', headers, body: '{}' });
  const answer = await sendBytes(http, Buffer.from(upload(name, key)));
  expect([String(answer.status), answer.body]).toEqual([status, body]);
  expect(answer.headers['connection']).toBe('close');
});

test('an upload is taken in and its bytes are counted', async () => {
  const { http } = await start({});
  await fetch(`${http}/collections/a`, { method: 'PUT', body: '{}' });
  const form = new FormData();
  form.append('snapshot', new Blob([Buffer.alloc(5_000_000)]), 'a.snapshot');
  const url = `${http}/collections/a/snapshots/upload`;
  const response = await fetch(url, { method: 'POST', body: form });
  expect(response.status).toBe(200);
  const listed = await fetch(`${http}/collections/a/snapshots`);
  const { result } = JSON.parse(await listed.text());
  expect(result[0].size).toBeGreaterThan(5_000_000);
});

test('requests on one connection are answered in their order', async () => {
  const { http } = await start({});
  const body = '{"vectors":{"size":2,"distance":"Dot"}}';
  const put = `PUT /collections/a HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const get = 'GET /collections/a/exists HTTP/1.1\r\n';
  const socket = connect(Number(new URL(http).port), '127.0.0.1');
  const parts: string[] = [];
  socket.on('data', (part) => parts.push(part.toString()));
  socket.write(`${get}\r\n${put}${get}Connection: close\r\n\r\n`);
  await once(socket, 'close');
  const answers = parts.join('').split(/(?=HTTP\/1\.1 )/);
  const results = answers.map((answer) => JSON.parse(readAnswer(answer).body).result);
  expect(results).toEqual([{ exists: false }, true, { exists: true }]);
});

test('every answer says that the database is a demo', async () => {
  const { http } = await start({ apiKey: 'k' });
  for (const path of ['/', '/collections', '/nothing']) {
    const response = await fetch(http + path);
    expect(response.headers.get('x-vectorgate-demo')).toBe('in-memory');
  }
});
