import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { newCollection } from '../../support/milvus/store.ts';

let double: MilvusDouble;
let gateway: TestGateway;
let client: MilvusClient;

beforeAll(async () => {
  double = await openMilvusDouble();
  const fields = [
    { name: 'id', fieldID: '100', data_type: 5, is_primary_key: true },
    { name: 'vector', fieldID: '101', data_type: 101, type_params: [{ key: 'dim', value: '2' }] },
  ];
  const held = newCollection({ name: 'pub', fields });
  double.store.get('default')?.collections.set('pub', held);
  gateway = await startGateway({
    database: double,
    policies: {
      own: 'allow: [{ collections: [pub], access: rw, limits: { requests: 10/h, burst: 10 } }]',
    },
    keys: { own: { roles: ['own'] } },
  });
  const address = gateway.grpc().replace('https://', '');
  const tls = { rootCertPath: gateway.certificates.ca };
  const token = gateway.keys['own'] ?? '';
  client = new MilvusClient({ address, token, ssl: true, tls, logLevel: 'error' });
  await client.connectPromise;
});
afterAll(async () => {
  await client?.closeConnection();
  await gateway?.stop();
  await double?.close();
});

it('an insert over the limit is an error to the Node SDK at once, and sent once', async () => {
  const insert = () => client.insert({ collection_name: 'pub', data: [{ id: 1, vector: [1, 2] }] });
  const refused = async () => {
    for (let each = 0; each < 12; each++) await insert();
  };
  await expect(refused()).rejects.toMatchObject({ code: 8 });
  const told = () => gateway.audit().filter(({ refusal }) => refusal === 'over-limit');
  await expect.poll(() => told().length).toBe(1);
  expect(told()[0]?.count ?? 1).toBe(1);
  expect(double.asked.filter((method) => method === 'Insert').length).toBeLessThan(11);
});
