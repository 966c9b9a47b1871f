import { describe, expect, it } from 'vitest';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { namesOf } from '../names.ts';
import { intentOf, needsIn, refusalOf, restHead, rpcHead } from '../request.ts';

const names = namesOf(['pub', 'sec'], { shop: 'sec' });
const field = (number: number, value: Uint8Array | string) => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};

describe('creating a collection', () => {
  const create = (name: string, body = '{"vectors":{"size":4,"distance":"Dot"}}') =>
    intentOf(restHead(`PUT /collections/${name}`), body, names);
  const call = (body: Uint8Array) => intentOf(rpcHead('/qdrant.Collections/Create'), body, names);

  it('needs manage on the name as it stands, also where that is an alias', async () => {
    expect(needsIn(await create('shop'))).toEqual(['manage collections.create on shop>shop']);
    expect((await create('shop')).request.target).toBe('/collections/shop');
  });

  it('that exists is answered as a second create is, for whoever may list it', async () => {
    for (const intent of [await create('pub'), await call(field(1, 'pub'))]) {
      expect(needsIn({ needs: [intent.instead?.need as never] })).toEqual([
        'list collections.get on pub>pub',
      ]);
      const told = 'Wrong input: Collection `pub` already exists!';
      expect(intent.instead).toMatchObject({
        refusal: { code: 'not-permitted', http: 409, grpc: 6, told },
      });
    }
  });

  it('that does not exist is answered as every denial', async () => {
    expect((await create('new')).instead).toBeNull();
    expect((await create('shop')).instead).toBeNull();
  });

  it('is not denied before its body is read, whether the name exists or not', () => {
    const located = (name: string) => qdrant.locate(restHead(`PUT /collections/${name}`));
    expect(located('pub').needs(names)).toEqual([]);
    expect(located('new').needs(names)).toEqual([]);
  });

  it('may not be filled from another collection, as servers before 1.16 do', async () => {
    const bodies = [
      '{"init_from":{"collection":"sec"}}',
      '{"init\\u005ffrom":{"collection":"sec"}}',
      '{"vectors":{},"init_from":["sec"]}',
      '[{},{"collection":"sec"}]',
    ];
    for (const body of bodies) {
      expect((await refusalOf(() => create('new', body))).code).toBe('unreadable-request');
    }
    expect((await create('new', '{"init_from":null}')).objection).toBeNull();
    const refused = await refusalOf(() => call(Buffer.concat([field(1, 'new'), field(13, 'sec')])));
    expect(refused.message).toContain('not supported');
  });

  it('keeps free-form metadata', async () => {
    const body = '{"metadata":{"a":1,"a":2,"init_from":"x"}}';
    expect(Buffer.from((await create('new', body)).request.body as Uint8Array).toString()).toBe(
      body,
    );
  });
});

describe('dropping a collection', () => {
  it('is judged and forwarded literally: upstream drops nothing by an alias', async () => {
    const intent = await intentOf(restHead('DELETE /collections/shop'), '', names);
    expect(needsIn(intent)).toEqual(['manage collections.delete on shop>shop']);
    expect(intent.request.target).toBe('/collections/shop');
  });
});

describe('a name that an alias leads to outside the grammar', () => {
  it('is refused rather than written into a request', async () => {
    const odd = namesOf(['a/b'], { shop: 'a/b' });
    const refused = await refusalOf(() => intentOf(restHead('GET /collections/shop'), '', odd));
    expect(refused.code).toBe('unreadable-request');
    expect(refused.message).toContain('outside');
  });
});

describe('restoring a snapshot', () => {
  const recover = (location: string, name = 'pub') =>
    intentOf(
      restHead(`PUT /collections/${name}/snapshots/recover`),
      JSON.stringify({ location }),
      names,
    );

  it("from the collection's own directory needs its own right", async () => {
    const intent = await recover('file:///qdrant/snapshots/pub/a-1.snapshot');
    expect(needsIn(intent)).toEqual(['admin snapshots.recover on pub>pub']);
    expect(intent.objection).toBeNull();
  });

  it('into an alias is judged on the collection behind it', async () => {
    const intent = await recover('file:///qdrant/snapshots/sec/a.snapshot', 'shop');
    expect(needsIn(intent)).toEqual(['admin snapshots.recover on shop>sec']);
    expect(intent.request.target).toBe('/collections/sec/snapshots/recover');
  });

  it("from another collection's directory needs that one's export, however it is written", async () => {
    const spelled = [
      'file:///qdrant/snapshots/sec/a.snapshot',
      'FILE:///qdrant/snapshots/sec/a.snapshot',
      'file://localhost/qdrant/snapshots/sec/a.snapshot',
      'file:/qdrant/snapshots/pub/../sec/a.snapshot',
      'fi\tle:///qdrant/snapshots/pub/%2e%2e/sec/a.snapshot',
      'file:\\\\\\qdrant\\snapshots\\sec\\a.snapshot',
    ];
    for (const location of spelled) {
      const intent = await recover(location);
      expect(needsIn(intent)).toContain('export snapshots.download on sec>sec');
    }
  });

  const elsewhere = [
    'file:///etc/passwd',
    'file:///qdrant/snapshots/nothing/a.snapshot',
    'file:///qdrant/snapshots/sec/shards/0/a.snapshot',
    'file:///qdrant/snapshots/pub%2f..%2fsec/a.snapshot',
    'file:///qdrant/snapshots/pub/..%2fsec%2fa.snapshot',
    'file:///qdrant/snapshots/pub/',
    'file:///a.snapshot',
    'file://10.0.0.1/qdrant/snapshots/pub/a.snapshot',
    'file:///qdrant/snapshots/pub/a.snapshot?x',
    'http://127.0.0.1:6333/collections/sec/snapshots/a.snapshot',
    'HTTPS://169.254.169.254/latest',
    'http:\\\\[::1]/x',
    's3://bucket/a',
    'a.snapshot',
    '',
  ];

  it.each(elsewhere)('from %j passes for nobody', async (location) => {
    const { objection } = await recover(location);
    expect(objection?.code).toBe('not-permitted');
  });

  it("of a shard's directory is no snapshot of a collection that is called like the shard", async () => {
    const body = '{"location":"file:///qdrant/snapshots/sec/shards/0/a.snapshot"}';
    const head = restHead('PUT /collections/0/snapshots/recover');
    const { objection } = await intentOf(head, body, namesOf(['0', 'sec']));
    expect(objection?.code).toBe('not-permitted');
  });

  it('of a shard takes a file name and nothing else', async () => {
    const shard = (location: string) =>
      intentOf(
        restHead('PUT /collections/pub/shards/0/snapshots/recover'),
        JSON.stringify({ location }),
        names,
      );
    expect((await shard('a.snapshot')).objection).toBeNull();
    for (const location of ['../sec/a', 'http://10.0.0.1/', 'file:///a/pub/b', '/etc/passwd', '..'])
      expect((await shard(location)).objection?.code).toBe('not-permitted');
  });
});

describe('a batch', () => {
  const batch = (body: string) =>
    intentOf(restHead('POST /collections/pub/points/batch'), body, names);
  const call = (...operations: Uint8Array[]) =>
    intentOf(
      rpcHead('/qdrant.Points/UpdateBatch'),
      Buffer.concat([field(1, 'pub'), ...operations.map((operation) => field(3, operation))]),
      names,
    );
  const write = (...names: string[]) => names.map((name) => `write points.${name} on pub>pub`);

  it('of updates needs its own right and that of every operation inside', async () => {
    const body =
      '{"operations":[{"upsert":{"points":[{"id":1}]}},{"delete":{"points":[1]}},{"upsert":{"batch":{"ids":[1,2]}}},' +
      '{"set_payload":{"payload":{"a":1,"a":2}}},{"overwrite_payload":{}},{"delete_payload":{}},' +
      '{"clear_payload":{}},{"update_vectors":{}},{"delete_vectors":{}}]}';
    const intent = await batch(body);
    expect(needsIn(intent)).toEqual(
      write(
        'update_batch',
        'upsert',
        'delete',
        'set_payload',
        'overwrite_payload',
        'delete_payload',
        'clear_payload',
        'update_vectors',
        'delete_vectors',
      ),
    );
    expect(intent.points).toBe(4);
  });

  it('of no updates needs the right to write', async () => {
    expect(needsIn(await batch('{"operations":[]}'))).toEqual(write('update_batch'));
    expect(needsIn(await call())).toEqual(write('update_batch'));
  });

  it('of updates over gRPC needs the same, for old variants too', async () => {
    const variants = Array.from({ length: 10 }, (_, at) => field(at + 1, ''));
    const needs = needsIn(await call(...variants));
    expect(needs).toHaveLength(9);
    expect(needs).toEqual(expect.arrayContaining(write('delete', 'clear_payload', 'upsert')));
  });

  it('counts the points of its updates over gRPC', async () => {
    const upsert = field(1, Buffer.concat([field(1, ''), field(1, 'x')]));
    const ids = field(9, field(1, field(1, Buffer.concat([field(1, ''), field(1, '')]))));
    expect((await call(upsert, ids)).points).toBe(4);
  });

  const twofold = [
    '{"operations":[{"upsert":{},"delete":{"points":[1]}}]}',
    '{"operations":[{"upsert":[{"id":1}],"zzz":1}]}',
    '{"operations":[[[1]]]}',
    '[[{"delete":{"points":[1]}}]]',
    '{"operations":[{"upsert":{},"upsert":{},"delete":{}}]}',
    '{"operations":[{"drop":{}}]}',
    '{"operations":[{}]}',
    '{"operations":{"delete":{}}}',
    '{}',
  ];

  it.each(twofold)('that could be read in two ways is refused: %s', async (body) => {
    expect((await refusalOf(() => batch(body))).code).toBe('unreadable-request');
  });

  it('of updates over gRPC has one known variant in each operation', async () => {
    const both = Buffer.concat([field(1, ''), field(9, '')]);
    for (const operation of [
      both,
      Buffer.alloc(0),
      field(11, ''),
      Buffer.concat([field(1, ''), field(1, '')]),
    ])
      expect((await refusalOf(() => call(operation))).code).toBe('unreadable-request');
  });

  it('of searches needs the right to search, too', async () => {
    const head = restHead('POST /collections/pub/points/query/batch');
    expect(needsIn(await intentOf(head, '{"searches":[]}', names))).toEqual([
      'read points.query_batch on pub>pub',
      'read points.query on pub>pub',
    ]);
  });

  it('of searches may name in an element no other collection, and follows its alias', async () => {
    const search = (outer: string, inner: string) =>
      intentOf(
        rpcHead('/qdrant.Points/SearchBatch'),
        Buffer.concat([field(1, outer), field(2, field(1, inner))]),
        names,
      );
    expect((await refusalOf(() => search('pub', 'sec'))).message).toContain('another collection');
    expect((await search('pub', '')).objection).toBeNull();
    const { request } = await search('shop', 'shop');
    expect(Buffer.from(request.body as Uint8Array)).toEqual(
      Buffer.concat([field(1, 'sec'), field(2, field(1, 'sec'))]),
    );
  });
});
