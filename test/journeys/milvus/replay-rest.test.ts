import { readFileSync } from 'node:fs';
import { request as askPlainly } from 'node:http';
import { request as askSecurely } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Recorded, recorded, verdicts } from '../../catalog/milvus/recorded-rest.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { emptyDatabase, newCollection, type Store } from '../../support/milvus/store.ts';

let double: MilvusDouble;
let gateway: TestGateway;

beforeAll(async () => {
  double = await openMilvusDouble({ users: { root: 'Milvus', bob: 'Password1' } });
  const policies = {
    root: 'allow:\n  - { databases: ["*"], collections: ["*"], access: m }',
    nothing: 'allow:\n  - { collections: [unlike_any], access: m }',
  };
  const keys = { root: { roles: ['root'] }, nothing: { roles: ['nothing'] } };
  gateway = await startGateway({ database: double, policies, keys });
});
afterAll(async () => {
  await gateway?.stop();
  await double?.close();
});

/** The collections that the recording began with, and those of their rows that it shows. */
function seed(store: Store): void {
  const size = (key: string, value: string) => ({ type_params: [{ key, value }] });
  const id = { name: 'id', data_type: 5, is_primary_key: true };
  const vector = (name: string) => ({ name, data_type: 101, ...size('dim', '4') });
  const params = [{ key: 'metric_type', value: 'COSINE' }];
  const make = (field: string, more: object[], rows: readonly Record<string, unknown>[]) => {
    const fields = [id, vector(field), ...more];
    const made = newCollection({ enable_dynamic_field: true, fields });
    made.indexes.push({ index_name: field, field_name: field, params });
    for (const row of rows) made.rows.set(String(row['id']), new Map(Object.entries(row)));
    made.loaded = true;
    return made;
  };
  const near = [0.1, 0.2, 0.3, 0.4];
  const far = [9, 9, 9, 9];
  const [first, second] = [emptyDatabase(), emptyDatabase()];
  const products = [
    { id: '0', vector: far, city: 'Paris' },
    { id: '1', vector: near, city: 'Rom' },
  ];
  const tenant = { name: 'tenant', data_type: 21, ...size('max_length', '32') };
  first.collections.set('products', make('vector', [], products));
  first.collections.set('docs2', make('vector', [tenant], [{ id: '1', vector: near }]));
  second.collections.set('products', make('vector', [], []));
  store.clear();
  store.set('default', first).set('db1', second);
}

interface Answer {
  readonly status: number;
  readonly refusal: unknown;
  readonly body: string;
}

/** Sends a request as it was recorded, with the key of this name for every credential. */
function send(base: string, { request }: Recorded, key: string | null = null): Promise<Answer> {
  const { method, target, body } = request;
  const headers: Record<string, string> = { ...request.headers };
  if (key !== null) headers['Authorization'] = `Bearer ${gateway.keys[key]}`;
  const { hostname, port, protocol } = new URL(base);
  const options = { hostname, port, path: target, method, headers, agent: false };
  const secured = { ...options, ca: readFileSync(gateway.certificates.ca) };
  const asked = protocol === 'https:' ? askSecurely(secured) : askPlainly(options);
  asked.end(body ?? undefined);
  return new Promise((resolve, reject) => {
    asked.on('error', reject).on('response', async (answer) => {
      const refusal = answer.headers['x-vectorgate-refusal'];
      const text = (await buffer(answer)).toString('utf8');
      resolve({ status: answer.statusCode ?? 0, refusal, body: text });
    });
  });
}

/** What an answer says of success, names and rows: sentences and distances are each server's own. */
function gistOf(status: number, body: string): unknown {
  if (!body.startsWith('{')) return { status };
  const { code, data } = JSON.parse(body) as { code: number; data?: unknown };
  if (!Array.isArray(data)) return { status, code, data };
  const rows = data.map((each: unknown) => {
    if (typeof each === 'string') return each;
    const { distance: _, ...row } = each as Record<string, unknown>;
    return row;
  });
  return { status, code, data: rows.toSorted() };
}

/** Of another field than the double's. */
const described = new Set(['bob not granted']);

const cases = recorded.map((each) => [each.case, each] as const);

describe('over REST the double answers what Milvus answered to', () => {
  it.each(cases)('%s', async (name, each) => {
    seed(double.store);
    const told = await send(double.grpc, each);
    const { status, body } = each.response;
    if (described.has(name)) expect(told.status).toBe(status);
    else expect(gistOf(told.status, told.body)).toEqual(gistOf(status, body));
  });
});

describe('over REST the gateway decides on purpose about', () => {
  it.each(cases)('%s', async (name, each) => {
    seed(double.store);
    const [decided] = verdicts[name] ?? [''];
    double.touched.length = 0;
    const told = await send(gateway.grpc(), each, 'root');
    if (!decided.includes(' ')) {
      expect([told.refusal, double.touched]).toEqual([decided, []]);
      return;
    }
    const direct = await send(double.grpc, {
      ...each,
      request: { ...each.request, headers: { Authorization: 'Bearer root:Milvus' } },
    });
    const changed = name === 'drop' || name === 'insert' || name === 'delete';
    expect(told.refusal).toBeUndefined();
    if (!changed) expect(told.body).toBe(direct.body);
    expect(JSON.parse(told.body)).toMatchObject({ code: JSON.parse(direct.body).code });
  });

  it.each(cases)('%s, and from who may do nothing there it reaches nothing', async (_, each) => {
    seed(double.store);
    double.touched.length = 0;
    const { status, body } = await send(gateway.grpc(), each, 'nothing');
    expect(double.touched).toEqual([]);
    if (status === 200) expect(JSON.parse(body)).toEqual({ code: 200, data: [] });
  });
});

describe('a recorded credential over REST', () => {
  const withCredential = (name: string, shown?: string) => {
    const each = recorded.find((one) => one.case === name) as Recorded;
    const headers = shown === undefined ? each.request.headers : { Authorization: shown };
    return {
      each,
      asked: send(gateway.grpc(), { ...each, request: { ...each.request, headers } }),
    };
  };

  it.each(['no credential', 'wrong password'])('%s is refused as Milvus does', async (name) => {
    const { each, asked } = withCredential(name);
    const { status, body } = each.response;
    expect(await asked).toEqual({ status, body, refusal: 'not-authenticated' });
  });

  it('as Basic is known, where a key stands for the password', async () => {
    seed(double.store);
    const basic = Buffer.from(`root:${gateway.keys['root']}`).toString('base64');
    const { each, asked } = withCredential('basic', `Basic ${basic}`);
    const { status, body } = await asked;
    expect(gistOf(status, body)).toEqual(gistOf(each.response.status, each.response.body));
  });

  it('behind bearer in lower case is known, as RFC 9110 has schemes in any case', async () => {
    seed(double.store);
    const shown = `bearer root:${gateway.keys['root']}`;
    const { status, body } = await withCredential('bearer lower case', shown).asked;
    expect(gistOf(status, body)).toEqual({ status: 200, code: 200, data: ['docs2', 'products'] });
  });
});
