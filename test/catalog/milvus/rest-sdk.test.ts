import { HttpClient } from '@zilliz/milvus2-sdk-node';
import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/catalog/milvus/locate.ts';
import { asked, headOf } from './rest-asked.ts';

/** What the client sent last. */
interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const pub = { collectionName: 'to_pub' };
const index = { ...pub, indexName: 'i' };
const part = { ...pub, partitionName: 'p' };
const parts = { ...pub, partitionNames: ['p'] };
const vector = { data: [[0.1, 0.2]], outputFields: ['id'] };
const grant = { roleName: 'r', objectType: 'Collection', objectName: '*', privilege: 'Search' };
const schema = {
  fields: [
    { fieldName: 'id', dataType: 'Int64', isPrimary: true },
    { fieldName: 'v', dataType: 'FloatVector', elementTypeParams: { dim: 2 } },
  ],
};
const parameter = {
  metricType: 'L2',
  fieldName: 'v',
  indexName: 'i',
  params: { index_type: 'HNSW' },
};

/** Every method of the client, as its types would have it called. */
const calls: Readonly<Record<string, (client: HttpClient) => Promise<unknown>>> = {
  listAliases: (client) => client.listAliases({ dbName: 'default' }),
  createAlias: (client) => client.createAlias({ ...pub, aliasName: 'a' }),
  describeAlias: (client) => client.describeAlias({ aliasName: 'to_pub' }),
  dropAlias: (client) => client.dropAlias({ ...pub, aliasName: 'to_pub' }),
  alterAlias: (client) => client.alterAlias({ ...pub, aliasName: 'a' }),
  createCollection: (client) =>
    client.createCollection({
      ...{ ...pub, dimension: 2, metricType: 'L2', idType: 'Int64', autoID: true },
      ...{ primaryFieldName: 'id', vectorFieldName: 'v', schema, indexParams: [parameter] },
      params: { enableDynamicField: true, shardsNum: 1 },
    }),
  describeCollection: (client) => client.describeCollection(pub),
  dropCollection: (client) => client.dropCollection(pub),
  addCollectionField: (client) =>
    client.addCollectionField({ ...pub, schema: { fieldName: 'f', dataType: 'Int64' } }),
  alterCollectionProperties: (client) =>
    client.alterCollectionProperties({ ...pub, properties: { 'mmap.enabled': true } }),
  alterCollectionFieldProperties: (client) =>
    client.alterCollectionFieldProperties({
      ...{ ...pub, fieldName: 'f', fieldParams: { max_length: 9 } },
    }),
  dropCollectionProperties: (client) =>
    client.dropCollectionProperties({ ...pub, propertyKeys: ['mmap.enabled'] }),
  listCollections: (client) => client.listCollections(),
  hasCollection: (client) => client.hasCollection({ dbName: 'default', ...pub }),
  renameCollection: (client) => client.renameCollection({ ...pub, newCollectionName: 'x' }),
  getCollectionStatistics: (client) => client.getCollectionStatistics(pub),
  flushCollection: (client) => client.flushCollection(pub),
  loadCollection: (client) => client.loadCollection(pub),
  releaseCollection: (client) => client.releaseCollection(pub),
  getCollectionLoadState: (client) => client.getCollectionLoadState(pub),
  compactCollection: (client) => client.compactCollection(pub),
  getCompactionState: (client) => client.getCompactionState({ ...pub, compactionID: 1 }),
  refreshLoad: (client) => client.refreshLoad(pub),
  createDatabase: (client) => client.createDatabase({ dbName: 'd', properties: {} as never }),
  dropDatabase: (client) => client.dropDatabase({ dbName: 'd' }),
  describeDatabase: (client) => client.describeDatabase({ dbName: 'd' }),
  listDatabases: (client) => client.listDatabases(),
  alterDatabaseProperties: (client) =>
    client.alterDatabaseProperties({ dbName: 'd', properties: { a: 1 } }),
  dropDatabaseProperties: (client) =>
    client.dropDatabaseProperties({ dbName: 'd', propertyKeys: ['a'] }),
  listImportJobs: (client) => client.listImportJobs({ ...pub, projectId: 'p', regionId: 'r' }),
  createImportJobs: (client) => client.createImportJobs({ ...pub, files: [['a.json']] }),
  getImportJobProgress: (client) => client.getImportJobProgress({ jobId: '1' }),
  createIndex: (client) => client.createIndex({ ...pub, indexParams: [parameter] }),
  dropIndex: (client) => client.dropIndex(index),
  describeIndex: (client) => client.describeIndex(index),
  listIndexes: (client) => client.listIndexes(pub),
  alterIndexProperties: (client) => client.alterIndexProperties({ ...index, properties: { a: 1 } }),
  dropIndexProperties: (client) => client.dropIndexProperties({ ...index, propertyKeys: ['a'] }),
  listPartitions: (client) => client.listPartitions(pub),
  createPartition: (client) => client.createPartition(part),
  dropPartition: (client) => client.dropPartition(part),
  loadPartitions: (client) => client.loadPartitions(parts),
  releasePartitions: (client) => client.releasePartitions(parts),
  hasPartition: (client) => client.hasPartition(part),
  getPartitionStatistics: (client) => client.getPartitionStatistics(part),
  listRoles: (client) => client.listRoles(),
  describeRole: (client) => client.describeRole({ roleName: 'r' }),
  createRole: (client) => client.createRole({ roleName: 'r' }),
  dropRole: (client) => client.dropRole({ roleName: 'r' }),
  grantPrivilegeToRole: (client) => client.grantPrivilegeToRole(grant),
  revokePrivilegeFromRole: (client) => client.revokePrivilegeFromRole(grant),
  createUser: (client) => client.createUser({ userName: 'u', password: 'p' }),
  updateUserPassword: (client) =>
    client.updateUserPassword({ userName: 'u', password: 'p', newPassword: 'q' }),
  dropUser: (client) => client.dropUser({ userName: 'u' }),
  describeUser: (client) => client.describeUser({ userName: 'u' }),
  listUsers: (client) => client.listUsers(),
  grantRoleToUser: (client) => client.grantRoleToUser({ userName: 'u', roleName: 'r' }),
  revokeRoleFromUser: (client) => client.revokeRoleFromUser({ userName: 'u', roleName: 'r' }),
  get: (client) => client.get({ ...pub, id: ['9007199254740993'], outputFields: ['id'] }),
  insert: (client) => client.insert({ ...pub, data: [{ id: 1, v: [1, 2] }] }),
  upsert: (client) => client.upsert({ ...pub, data: [{ id: 1, v: [1, 2] }] }),
  query: (client) =>
    client.query({ ...pub, outputFields: ['id'], filter: 'id > 1', limit: 1, offset: 0 }),
  search: (client) =>
    client.search({
      ...{ ...pub, ...vector, annsField: 'v', filter: '', groupingField: 'g' },
      searchParams: { metricType: 'L2', params: { nprobe: 1 } },
    }),
  hybridSearch: (client) =>
    client.hybridSearch({
      ...{ ...pub, rerank: { strategy: 'rrf', params: { k: 10 } }, limit: 3 },
      search: [{ data: [[1, 2]], limit: 3, annsField: 'v', params: { nprobe: 1 } }],
    }),
  delete: (client) => client.delete({ ...pub, filter: 'id > 1', partitionName: 'p' }),
};

async function sentBy(call: (client: HttpClient) => Promise<unknown>): Promise<Sent> {
  const sent: Sent[] = [];
  const client = new HttpClient({
    endpoint: 'http://localhost',
    token: 'k',
    fetch: async (url: string, init: { headers: Sent['headers']; body: string }) => {
      sent.push({ path: new URL(url).pathname, headers: init.headers, body: init.body });
      return { ok: true, json: () => ({}) };
    },
  });
  await call(client);
  if (!sent[0]) throw new Error('nothing was sent');
  return sent[0];
}

describe('what the Node client asks over REST', () => {
  it.each(Object.entries(calls))('passes: %s', async (_name, call) => {
    const { path, headers, body } = await sentBy(call);
    const fields = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const intent = await asked(`POST ${path}`, body, fields);
    expect(intent.operation).toBe(locate(headOf(`POST ${path}`)).operation);
    expect(intent.request.fields).toEqual(
      expect.arrayContaining(['accept-type-allow-int64', 'false']),
    );
  });

  it('is every method it has', () => {
    const own = new Set(['constructor', 'POST', 'GET']);
    const found: string[] = [];
    let prototype: object = HttpClient.prototype;
    while (prototype !== Object.prototype) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (typeof value === 'function' && !own.has(name) && !name.startsWith('_'))
          found.push(name);
      }
      prototype = Object.getPrototypeOf(prototype) as object;
    }
    expect(found.sort()).toEqual(Object.keys(calls).sort());
  });
});
