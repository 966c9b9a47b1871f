import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestMilvus } from '../../journeys/milvus/stories/tenants.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';

const policies = {
  admin:
    'allow:\n  - { databases: ["*"], collections: ["*"], access: [list, read, write, schema, manage] }',
  r: 'allow:\n  - { collections: [books], access: r }',
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** How callers show who they are over REST v1, which Milvus 2.3 serves on the same port. */
export function tellRestCallers(open: () => Promise<TestMilvus>): void {
  let database: TestMilvus;
  let gateway: TestGateway;

  beforeAll(async () => {
    database = await open();
    const keys = { admin: { roles: ['admin'] }, r: { roles: ['r'] } };
    gateway = await startGateway({ database, policies, keys });
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.close();
  });

  async function ask(method: string, target: string, authorization: string, body?: object) {
    const headers = authorization === '' ? {} : { authorization };
    const ca = readFileSync(gateway.certificates.ca);
    const asked = request(gateway.grpc() + target, { method, headers, ca, agent: false });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [status, text] = await new Promise<[number, string]>((resolve, reject) => {
      asked.on('error', reject).on('response', async (answer) => {
        resolve([answer.statusCode ?? 0, (await buffer(answer)).toString()]);
      });
    });
    return { status, body: JSON.parse(text) as { code: number; data?: unknown; message?: string } };
  }
  const collections = '/v1/vector/collections';

  it('makes a collection, fills it, and searches it', async () => {
    const admin = `Bearer ${gateway.keys['admin']}`;
    const made = { collectionName: 'books', dimension: 4, metricType: 'L2' };
    expect((await ask('POST', `${collections}/create`, admin, made)).body.code).toBe(200);
    const data = { vector: [0.1, 0.2, 0.3, 0.4], title: 'one' };
    const filled = await ask('POST', '/v1/vector/insert', admin, { collectionName: 'books', data });
    expect(filled.body).toMatchObject({ code: 200, data: { insertCount: 1 } });
    const asked = { collectionName: 'books', vector: [0.1, 0.2, 0.3, 0.4], limit: 1 };
    expect((await ask('POST', '/v1/vector/search', admin, asked)).body.code).toBe(200);
  });

  it.each([
    ['Bearer', (key: string) => `Bearer ${key}`],
    ['Bearer and a user', (key: string) => `Bearer root:${key}`],
    ['Basic', (key: string) => `Basic ${base64(`root:${key}`)}`],
    ['a user and nothing else', (key: string) => `root:${key}`],
  ])('knows a caller by %s', async (_how, shown) => {
    const { status, body } = await ask('GET', collections, shown(gateway.keys['r'] ?? ''));
    expect([status, body]).toEqual([200, { code: 200, data: ['books'] }]);
  });

  it.each([
    ['the same', {}],
    ['of another dimension', { dimension: 8 }],
    ['with a description', { description: 'mine' }],
    ['by another key', { primaryField: 'key' }],
  ])('answers whoever may list as Milvus answers a second create: %s', async (_how, change) => {
    const made = { collectionName: 'books', dimension: 4, metricType: 'L2', ...change };
    const answers = ['admin', 'r'].map((role) =>
      ask('POST', `${collections}/create`, `Bearer ${gateway.keys[role]}`, made),
    );
    const [passed, told] = await Promise.all(answers);
    expect(told).toEqual(passed);
  });

  describe('refuses as Milvus does', () => {
    it.each(['', 'Bearer root:Milvus', 'Bearer wrong'])('who shows "%s"', async (shown) => {
      const { status, body } = await ask('GET', collections, shown);
      expect([status, body]).toEqual([401, { code: 1800, message: "user hasn't authenticated" }]);
    });

    it('what is not permitted', async () => {
      const shown = `Bearer ${gateway.keys['r']}`;
      const drop = { collectionName: 'books' };
      const { status, body } = await ask('POST', `${collections}/drop`, shown, drop);
      expect([status, body.code]).toEqual([403, 65535]);
      expect(body.message).toContain('permission deny');
    });
  });
}
