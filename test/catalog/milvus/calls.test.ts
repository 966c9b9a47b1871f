import { describe, expect, it } from 'vitest';
import { locate } from '../../../src/catalog/milvus/locate.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { Refusal } from '../../../src/refusal.ts';
import { asked, forwarded, headOf, intentOf, known, needsIn } from './asked.ts';
import { encode, root } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';
const text = (number: number, value: string) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};
const schema = (content: object) => {
  const type = root.lookupType('milvus.proto.schema.CollectionSchema');
  return type.encode(type.fromObject(content)).finish();
};

/** The code of the refusal that a call meets. */
function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'none';
}

describe('the database of a call', () => {
  it('is the one of the message, of the metadata, or default, and is written into both', () => {
    const cases: readonly [string, string | undefined, string][] = [
      ['tenant', undefined, 'tenant'],
      ['', 'tenant', 'tenant'],
      ['tenant', 'tenant', 'tenant'],
      ['', '', 'default'],
      ['', undefined, 'default'],
    ];
    for (const [inside, dbname, expected] of cases) {
      const metadata = dbname === undefined ? {} : { dbname };
      const intent = asked('Query', { db_name: inside, collection_name: 'pub' }, metadata);
      expect(needsIn(intent)).toEqual([`read ${expected}/pub`]);
      expect(forwarded('Query', intent)['db_name']).toBe(expected);
      expect(intent.request.fields).toEqual(['dbname', expected]);
    }
  });

  it('is refused where message and metadata contradict each other', () => {
    const contradicting = { db_name: 'tenant', collection_name: 'pub' };
    expect(refusalOf(() => asked('Query', contradicting, { dbname: 'default' }))).toBe(
      'unreadable-request',
    );
  });

  it('is what is described, made or dropped where that is the operation, not where the caller is', () => {
    for (const method of ['CreateDatabase', 'DropDatabase', 'AlterDatabase', 'DescribeDatabase']) {
      const intent = asked(method, { db_name: 'other' }, { dbname: 'tenant' });
      expect(needsIn(intent)).toEqual([
        `${method === 'DescribeDatabase' ? 'list' : 'admin'} other`,
      ]);
      expect(intent.request.fields).toEqual([]);
    }
    expect(refusalOf(() => asked('DropDatabase', {}, { dbname: 'tenant' }))).toBe(
      'unreadable-request',
    );
  });

  it.each([' tenant', 'tenant ', 'ten/ant', '*', 'a-b', '1a', 'é', 'a'.repeat(256), 'a\n'])(
    'is refused where its name is %j',
    (name) => {
      const named = { db_name: name, collection_name: 'pub' };
      expect(refusalOf(() => asked('Query', named))).toBe('unreadable-request');
      expect(refusalOf(() => asked('Query', { collection_name: 'pub' }, { dbname: name }))).toBe(
        'unreadable-request',
      );
      expect(refusalOf(() => asked('Query', { collection_name: name }))).toBe('unreadable-request');
      expect(refusalOf(() => asked('DropAlias', { alias: name }))).toBe('unreadable-request');
    },
  );
});

describe('an alias', () => {
  it('is replaced by the collection that is judged, in its own database alone', () => {
    const intent = asked('Search', { collection_name: 'to_pub', dsl: 'x', dsl_type: 1 });
    expect(needsIn(intent)).toEqual(['read default/to_pub>pub']);
    expect(forwarded('Search', intent)['collection_name']).toBe('pub');
    const elsewhere = asked('Search', {
      db_name: 'tenant',
      collection_name: 'to_sec',
      dsl_type: 1,
    });
    expect(needsIn(elsewhere)).toEqual(['read tenant/to_sec']);
  });

  it('is not resolved where a collection is dropped, and its collection is judged all the same', () => {
    const intent = asked('DropCollection', { collection_name: 'to_sec' });
    expect(needsIn(intent)).toEqual(['manage default/to_sec', 'manage default/sec']);
    expect(forwarded('DropCollection', intent)['collection_name']).toBe('to_sec');
  });

  it('is made, moved and dropped with the right to it, to its old and to its new collection', () => {
    const move = asked('AlterAlias', { collection_name: 'pub', alias: 'to_sec' });
    expect([...needsIn(move)].sort()).toEqual([
      'manage default/pub',
      'manage default/sec',
      'manage default/to_sec',
    ]);
    expect(needsIn(asked('DropAlias', { alias: 'to_sec' }))).toEqual([
      'manage default/to_sec',
      'manage default/sec',
    ]);
  });

  it('may not take the name of a collection', () => {
    const taking = asked('CreateAlias', { collection_name: 'pub', alias: 'sec' });
    expect(taking.objection?.code).toBe('unreadable-request');
    expect(asked('CreateAlias', { collection_name: 'pub', alias: 'new' }).objection).toBeNull();
  });

  it('is described with the right to its collection by it', () => {
    expect(needsIn(asked('DescribeAlias', { alias: 'to_sec' }))).toEqual([
      'list default/to_sec>sec',
    ]);
  });
});

describe('a collection', () => {
  it('is judged under both names where it is renamed, in whichever database that leads to', () => {
    const rename = { oldName: 'pub', newName: 'sec' };
    expect(needsIn(asked('RenameCollection', rename))).toEqual([
      'manage default/pub',
      'manage default/sec',
    ]);
    expect(needsIn(asked('RenameCollection', { ...rename, newDBName: 'tenant' }))).toEqual([
      'manage default/pub',
      'manage tenant/sec',
    ]);
    expect(refusalOf(() => asked('RenameCollection', { oldName: 'pub' }))).toBe(
      'unreadable-request',
    );
  });

  it('is named by its id where that is all there is, and then by its name upstream', () => {
    const intent = asked('GetReplicas', { collectionID: 11 });
    expect(needsIn(intent)).toEqual(['observe default/pub']);
    const sent = forwarded('GetReplicas', intent);
    expect([sent['collection_name'], sent['collectionID']]).toEqual(['pub', undefined]);
  });

  it('of another database is not reached by its id, nor told from one that does not exist', () => {
    const sentences = ['21', '404'].map((id) => {
      try {
        return asked('DescribeCollection', { collectionID: id }) && 'none';
      } catch (error) {
        return (error as Refusal).told;
      }
    });
    expect(sentences).toEqual([
      'PrivilegeDescribeCollection: permission deny to this caller in the `default` database',
      'PrivilegeDescribeCollection: permission deny to this caller in the `default` database',
    ]);
  });

  it('is judged by its name where an id stands beside it, which goes no further', () => {
    const intent = asked('DescribeCollection', { collection_name: 'pub', collectionID: 12 });
    expect(needsIn(intent)).toEqual(['list default/pub']);
    expect(forwarded('DescribeCollection', intent)['collectionID']).toBeUndefined();
  });

  it('must be named', () => {
    for (const method of ['Query', 'Flush', 'DescribeCollection', 'GetFlushState', 'Insert']) {
      expect(refusalOf(() => asked(method, {}))).toBe('unreadable-request');
    }
  });

  it('is judged for each of a list', () => {
    expect(needsIn(asked('Flush', { collection_names: ['pub', 'to_sec'] }))).toEqual([
      'write default/pub',
      'write default/to_sec>sec',
    ]);
    const many = asked('BatchDescribeCollection', {
      collection_name: ['pub', 'sec'],
      collectionID: [21],
    });
    expect(needsIn(many)).toEqual(['list default/pub', 'list default/sec']);
    expect(forwarded('BatchDescribeCollection', many)['collectionID']).toBeUndefined();
  });

  it('is searched by an expression alone: at the older kind, or none, Milvus 2.3 ends', () => {
    const search = { collection_name: 'pub', dsl: 'x' };
    const hybrid = { collection_name: 'pub', requests: [{ ...search, dsl_type: 1 }, search] };
    expect(refusalOf(() => asked('HybridSearch', hybrid))).toBe('unreadable-request');
    for (const kind of [undefined, 0, 2]) {
      const content = kind === undefined ? search : { ...search, dsl_type: kind };
      expect(
        refusalOf(() => asked('Search', content)),
        String(kind),
      ).toBe('unreadable-request');
    }
    expect(needsIn(asked('Search', { ...search, dsl_type: 1 }))).toEqual(['read default/pub']);
  });

  it('may be named otherwise in no part of the message', () => {
    const hybrid = (inner: object) =>
      asked('HybridSearch', { collection_name: 'to_pub', requests: [{ dsl_type: 1, ...inner }] });
    expect(refusalOf(() => hybrid({ collection_name: 'sec' }))).toBe('unreadable-request');
    expect(refusalOf(() => hybrid({ db_name: 'tenant' }))).toBe('unreadable-request');
    const same = forwarded(
      'HybridSearch',
      hybrid({ collection_name: 'to_pub', dsl: 'x', dsl_type: 1 }),
    );
    expect(same).toMatchObject({ collection_name: 'pub', requests: [{ collection_name: 'pub' }] });
    const create = (inner: object) => {
      return asked('CreateCollection', { collection_name: 'new', schema: schema(inner) });
    };
    expect(refusalOf(() => create({ name: 'sec' }))).toBe('unreadable-request');
    expect(refusalOf(() => create({ name: 'new', dbName: 'tenant' }))).toBe('unreadable-request');
    expect(needsIn(create({ name: 'new', dbName: 'default' }))).toEqual(['manage default/new']);
  });
});

describe('what reaches outside of its collection', () => {
  const kv = (key: string, value: string) => ({ key, value });
  const create = (content: object) => ({
    collection_name: 'c',
    schema: schema({ name: 'c', ...content }),
  });
  const both = ['manage default/c', 'admin server'];
  it.each<[string, string, object, readonly string[]]>([
    ['external data', 'CreateCollection', create({ external_source: 's3://b' }), both],
    ['external fields', 'CreateCollection', create({ fields: [{ external_field: 'x' }] }), both],
    ['file resources', 'CreateCollection', create({ file_resource_ids: [1] }), both],
    ['a text embedding', 'CreateCollection', create({ functions: [{ type: 2 }] }), both],
    [
      'a function of a type unheard of',
      'CreateCollection',
      create({ functions: [{ type: 9 }] }),
      both,
    ],
    ['BM25', 'CreateCollection', create({ functions: [{ type: 1 }] }), both.slice(0, 1)],
    [
      'a remote analyzer',
      'CreateCollection',
      create({ fields: [{ type_params: [kv('analyzer_params', '{"type":"remote"}')] }] }),
      both,
    ],
    [
      'a plain analyzer',
      'CreateCollection',
      create({ fields: [{ type_params: [kv('analyzer_params', '{"type":"english"}')] }] }),
      both.slice(0, 1),
    ],
    [
      'a remote analyzer that a field is given',
      'AlterCollectionField',
      { collection_name: 'c', properties: [kv('analyzer_params', '{"type":"remote"}')] },
      both,
    ],
    [
      'external data by a property',
      'AlterCollection',
      { collection_name: 'c', properties: [kv('collection.external_source', 's3://b')] },
      both,
    ],
    [
      'row level security that is taken away',
      'AlterCollection',
      { collection_name: 'c', delete_keys: ['rls.enabled'] },
      both,
    ],
    [
      "another's resource group",
      'CreateCollection',
      { ...create({}), properties: [kv('collection.resource_groups', 'theirs')] },
      both,
    ],
    [
      'one in the schema',
      'CreateCollection',
      create({ properties: [kv('collection.resource_groups', 'theirs')] }),
      both,
    ],
    [
      'a property of its own',
      'AlterCollection',
      { collection_name: 'c', properties: [kv('collection.ttl.seconds', '60')] },
      both.slice(0, 1),
    ],
    [
      "a load into another's resource group",
      'LoadCollection',
      { collection_name: 'c', resource_groups: ['theirs'] },
      ['write default/c', 'admin server'],
    ],
    [
      'the same of a partition',
      'LoadPartitions',
      { collection_name: 'c', partition_names: ['p'], resource_groups: ['theirs'] },
      ['write default/c', 'admin server'],
    ],
    [
      'a model that reranks',
      'Search',
      {
        collection_name: 'c',
        dsl_type: 1,
        function_score: { functions: [{ type: 3, params: [kv('Reranker', 'model')] }] },
      },
      ['read default/c', 'admin server'],
    ],
    [
      'two rerankers, one of them a model',
      'Search',
      {
        collection_name: 'c',
        dsl_type: 1,
        function_score: {
          functions: [{ type: 3, params: [kv('reranker', 'model'), kv('reranker', 'rrf')] }],
        },
      },
      ['read default/c', 'admin server'],
    ],
    [
      'arithmetic that reranks',
      'Search',
      {
        collection_name: 'c',
        dsl_type: 1,
        function_score: { functions: [{ type: 3, params: [kv('reranker', 'rrf')] }] },
      },
      ['read default/c'],
    ],
    [
      'a remote analyzer that is run',
      'RunAnalyzer',
      { collection_name: 'c', analyzer_params: '{"tokenizer":{"type":"remote"}}' },
      ['read default/c', 'admin server'],
    ],
    [
      'a file dictionary that is tried',
      'ComputePhraseMatchSlop',
      { analyzer_params: '{"filter":[{"type":"x","file":"y"}]}' },
      ['read default', 'admin server'],
    ],
    [
      'phrases alone',
      'ComputePhraseMatchSlop',
      { analyzer_params: '{"type":"english"}' },
      ['read default'],
    ],
  ])('%s', (_what, method, content, expected) => {
    expect(needsIn(asked(method, content as Record<string, unknown>))).toEqual(expected);
  });
});

describe('what a client may not say', () => {
  it('is cut out: row level principals, replication, properties of the message', () => {
    const insert = Buffer.concat([
      encode(`${service}Insert`, {
        collection_name: 'pub',
        num_rows: 3,
        fields_data: [{ field_name: 'f' }],
        base: { msg_type: 'Insert', properties: { a: 'b' }, replicateInfo: { isReplicate: true } },
      }),
      text(10, 'somebody'),
      Buffer.concat([varint(11 * 8), Buffer.from([1])]),
    ]);
    const intent = intentOf('Insert', insert);
    expect(forwarded('Insert', intent)).toEqual({
      db_name: 'default',
      collection_name: 'pub',
      num_rows: 3,
      fields_data: [{ field_name: 'f' }],
      base: { msg_type: 'Insert' },
    });
    expect(intent.points).toBe(3);
  });
});

describe('a message that two readers could understand differently', () => {
  const pub = text(3, 'pub');
  it.each<[string, Buffer]>([
    ['names its collection twice', Buffer.concat([pub, text(3, 'sec')])],
    ['names its database twice', Buffer.concat([pub, text(2, 'a'), text(2, 'b')])],
    ['gives another singular field twice', Buffer.concat([pub, text(4, 'a'), text(4, 'b')])],
    ['has a field that no Milvus knows', Buffer.concat([pub, text(90, 'x')])],
    ['has a field number 0', Buffer.concat([pub, text(0, 'x')])],
    ['names its collection with a wrong wire type', Buffer.from([3 * 8, 1])],
    ['has a group', Buffer.concat([pub, Buffer.from([4 * 8 + 3, 4 * 8 + 4])])],
    ['is cut short', pub.subarray(0, -1)],
    ['says its collection is longer than it is', Buffer.from([26, 9, 112])],
    ['has a name that is no UTF-8', Buffer.from([26, 2, 0xc3, 0x28])],
    ['gives its MsgBase twice', Buffer.concat([pub, text(1, ''), text(1, '')])],
  ])('is refused: it %s', (_what, body) => {
    expect(refusalOf(() => intentOf('Query', body))).toBe('unreadable-request');
  });

  it('is refused for its content type, or a method that is no POST', () => {
    const head = headOf('Query', { 'content-type': 'application/grpc-web' });
    expect(refusalOf(() => locate(head))).toBe('unreadable-request');
    expect(refusalOf(() => locate({ ...headOf('Query'), method: 'GET' }))).toBe(
      'unreadable-request',
    );
  });
});

describe('lists', () => {
  it('need to be let into the database that they are of, and no more', () => {
    expect(needsIn(asked('ShowCollections', {}, { dbname: 'tenant' }))).toEqual(['list tenant']);
    expect(needsIn(asked('ListAliases', {}))).toEqual(['list default']);
    expect(needsIn(asked('ListAliases', { collection_name: 'pub' }))).toEqual(['list default/pub']);
    expect(needsIn(asked('ListDatabases', {}))).toEqual([]);
  });
});

describe('what is asked of the whole server', () => {
  it.each([
    'FlushAll',
    'GetFlushAllState',
    'ListImportTasks',
    'ListRestoreSnapshotJobs',
    'ListRefreshExternalCollectionJobs',
    'CreateCredential',
    'SelectGrant',
    'BackupRBAC',
    'GetImportState',
    'AddFileResource',
    'UpdateReplicateConfiguration',
  ])('needs admin there: %s', (method) => {
    expect(needsIn(asked(method, {}, { dbname: 'tenant' }))).toEqual(['admin server']);
  });

  it('happens in the database of the metadata, where a right is granted or told of in one', () => {
    const grant = { entity: { role: { name: 'reader' }, object_name: 'pub' } };
    for (const method of ['OperatePrivilege', 'SelectGrant']) {
      expect(asked(method, grant, { dbname: 'tenant' }).request.fields).toEqual([
        'dbname',
        'tenant',
      ]);
      expect(asked(method, grant).request.fields).toEqual(['dbname', 'default']);
    }
  });

  it('needs to observe it: what it tells of segments, nodes and jobs', () => {
    for (const method of ['GetComponentStates', 'GetCompactionState']) {
      expect(needsIn(asked(method, {}))).toEqual(['observe server']);
    }
  });

  it('is an administrator’s where it tells every collection, configuration and host', () => {
    expect(needsIn(asked('GetMetrics', { request: '{"metric_type":"system_info"}' }))).toEqual([
      'admin server',
    ]);
  });

  it('is denied before its message is read where nothing in it matters', () => {
    expect(locate(headOf('CreateCredential')).needs(known)).toHaveLength(1);
    expect(locate(headOf('Query')).needs(known)).toEqual([]);
  });
});

describe('a long message', () => {
  it('is read in slices, to the same end', async () => {
    const pieces = Array.from({ length: 20_000 }, () => text(5, 'f'));
    const reading = locate(headOf('Query')).read(Buffer.concat([...pieces, text(3, 'to_pub')]));
    expect(reading).toBeInstanceOf(Promise);
    expect(needsIn((await reading).intent(known))).toEqual(['read default/to_pub>pub']);
  });

  it('is refused where it is made of too much that must be looked into', async () => {
    const many = Buffer.concat(Array.from({ length: 20_001 }, () => text(6, 'p')));
    const reading = async () => locate(headOf('Query')).read(many);
    await expect(reading()).rejects.toMatchObject({ code: 'unreadable-request' });
  });

  it('may name a thousand collections and no more', () => {
    const names = (count: number) => Array.from({ length: count }, (_each, at) => `c${at}`);
    const flush = (count: number) => asked('Flush', { collection_names: names(count) });
    expect(flush(1000).needs).toHaveLength(1000);
    expect(refusalOf(() => flush(1001))).toBe('unreadable-request');
  });

  it('is not copied but where something in it changes', () => {
    const whole = encode(`${service}Insert`, { db_name: 'default', collection_name: 'pub' });
    expect(intentOf('Insert', whole).request.body).toBe(whole);
    const without = encode(`${service}Insert`, { collection_name: 'pub' });
    const { body, tail } = intentOf('Insert', without).request;
    expect(body).toBe(without);
    expect(tail).toEqual(text(2, 'default'));
  });
});

describe('whoever is known', () => {
  it.each(['Connect', 'GetVersion', 'CheckHealth', 'AllocTimestamp'])(
    'may call %s, wherever its metadata says it is',
    (method) => {
      const intent = asked(method, {}, { dbname: 'sec' });
      expect(needsIn(intent)).toEqual([]);
      expect(intent.request.fields).toEqual([]);
    },
  );
});

describe('what passes for nobody', () => {
  it.each(['Dummy', 'ReplicateMessage', 'DumpMessages', 'CreateReplicateStream', 'CalcDistance'])(
    '%s',
    (method) => {
      const located = locate(headOf(method));
      expect(located.needs(known).map(({ action }) => action)).toEqual(['never']);
      expect(refusalOf(() => located.read(null))).toBe('not-permitted');
    },
  );

  it('is everything that is not in the catalogue', () => {
    for (const path of [
      `${service}Nothing`,
      '/milvus.proto.proxy.Proxy/InvalidateCollectionMetaCache',
      `${service}query`,
      `${service}Query/`,
    ]) {
      expect(refusalOf(() => locate(headOf(path)))).toBe('unknown-operation');
    }
  });
});
