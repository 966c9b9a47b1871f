import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callOn, framed, openGrpc, openRest, type RawCaller } from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { encode, type Plain } from '../../support/milvus/messages.ts';
import { newCollection } from '../../support/milvus/store.ts';

const size = 1000;
const service = '/milvus.proto.milvus.MilvusService/';
const limits = 'limits: { sweep: { share: 20%/d, exceed: stop } }';
const reading = 'allow: [{ collections: ["swept*"], access: r }]';
const counted = `${reading}\nlimits: { budget: { points: 100000/d } }`;
const stopping = `${reading}\n${limits}`;

let double: MilvusDouble;
let gateway: TestGateway;
let caller: RawCaller;

beforeAll(async () => {
  double = await openMilvusDouble();
  const fields = [
    { name: 'id', fieldID: '100', data_type: 5, is_primary_key: true },
    { name: 'vector', fieldID: '101', data_type: 101, type_params: [{ key: 'dim', value: '512' }] },
  ];
  const held = newCollection({ name: 'swept', fields });
  for (let id = 0; id < size; id++) {
    const vector = Array.from({ length: 512 }, (_, at) => (at + id) % 7);
    held.rows.set(
      String(id),
      new Map<string, unknown>([
        ['id', id],
        ['vector', vector],
      ]),
    );
  }
  double.store.get('default')?.collections.set('swept', held);
  gateway = await startGateway({
    database: double,
    policies: { stopping, counted },
    keys: {
      searching: { roles: ['stopping'] },
      querying: { roles: ['stopping'] },
      buckets: { roles: ['stopping'] },
      budget: { roles: ['counted'] },
    },
  });
  caller = openGrpc(gateway);
});

afterAll(async () => {
  caller?.close();
  await gateway?.stop();
  await double?.close();
});

const vector = Buffer.alloc(512 * 4, Buffer.from([0, 0, 0x80, 0x3f]));
const placeholder_group = encode('milvus.proto.common.PlaceholderGroup', {
  placeholders: [{ tag: '$0', type: 101, values: [vector] }],
});
const pairs = (parameters: Readonly<Record<string, unknown>>) =>
  Object.entries(parameters).map(([key, value]) => ({ key, value: String(value) }));
const search: Plain = {
  ...{ collection_name: 'swept', dsl_type: 1, nq: 1, placeholder_group },
  ...{ output_fields: ['vector'], search_params: pairs({ topk: size, anns_field: 'vector' }) },
};
const query: Plain = {
  ...{ collection_name: 'swept', expr: 'id < 1000', output_fields: ['vector'] },
  query_params: pairs({ limit: size }),
};

function fieldsOf(who: string, method: string) {
  const key = Buffer.from(gateway.keys[who] ?? '').toString('base64');
  return {
    ...{ ':method': 'POST', ':path': service + method, te: 'trailers' },
    ...{ 'content-type': 'application/grpc', authorization: key },
  };
}

/** Reads so much of an answer, then goes away. Gives how much it got. */
async function cutShort(who: string, method: string, message: Buffer, bytes: number) {
  const stream = caller.session.request(fieldsOf(who, method));
  let got = 0;
  const enough = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      got += chunk.length;
      if (got >= bytes) resolve();
    });
    stream.once('close', resolve);
  });
  stream.on('error', () => undefined).end(framed(message));
  await enough;
  stream.close(8);
  return got;
}

/** The status of a small request, after a large one that was cut short. */
async function statusAfter(who: string, method: string, asked: Plain): Promise<number> {
  const type = `milvus.proto.milvus.${method}Request`;
  expect(await cutShort(who, method, encode(type, asked), 1_000_000)).toBeGreaterThan(1_000_000);
  const small = { ...asked, search_params: pairs({ topk: 1 }), query_params: pairs({ limit: 1 }) };
  const message = framed(encode(type, small));
  return (await callOn(caller.session, fieldsOf(who, method), message)).status;
}

describe('a sweep through a collection of Milvus', () => {
  it('gains nothing by going away before the scores have come', async () => {
    expect(await statusAfter('searching', 'Search', search)).toBe(8);
  });

  it('gains nothing by going away amid the columns of a query', async () => {
    expect(await statusAfter('querying', 'Query', query)).toBe(8);
  });
});

describe('buckets over REST, in which nobody counts the hits', () => {
  const body = {
    ...{ collectionName: 'swept', data: [[1, 2]], annsField: 'vector', limit: 1 },
    searchAggregation: { fields: ['id'], size: 5000, topHits: { size: 100 } },
  };
  const path = '/v2/vectordb/entities/search';

  it.each(['buckets', 'budget'])('are refused where points are counted: %s', async (who) => {
    const rest = openRest(gateway);
    const headers = { authorization: `Bearer ${gateway.keys[who] ?? ''}` };
    const before = double.came.length;
    const spelled = JSON.stringify(body).replace('searchA', 'search\\u0041');
    for (const each of [JSON.stringify(body), spelled]) {
      const told = await rest.ask({ method: 'POST', path, headers, body: each });
      expect(told.headers['x-vectorgate-refusal']).toBe('not-permitted');
    }
    const none = JSON.stringify({ ...body, searchAggregation: null });
    const told = await rest.ask({ method: 'POST', path, headers, body: none });
    expect(told.headers['x-vectorgate-refusal']).toBeUndefined();
    const targets = double.came.slice(before).map(({ target }) => target);
    expect(targets.filter((target) => target === path)).toHaveLength(1);
    rest.close();
  });
});
