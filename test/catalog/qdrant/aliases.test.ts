import { describe, expect, it } from 'vitest';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { namesOf } from '../names.ts';
import { intentOf, needsIn, refusalOf, restHead, rpcHead } from '../request.ts';

const names = namesOf(['pub', 'sec', 'docs'], { shop: 'sec', store: 'docs' });
const field = (number: number, value: Uint8Array | string) => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};

type Action = readonly ['create' | 'rename' | 'delete', ...string[]];

const keys = {
  create: ['collection_name', 'alias_name'],
  rename: ['old_alias_name', 'new_alias_name'],
  delete: ['alias_name'],
} as const;
const numbers = { create: 1, rename: 2, delete: 3 };

function restBody(actions: readonly Action[]): string {
  return JSON.stringify({
    actions: actions.map(([kind, ...given]) => ({
      [`${kind}_alias`]: Object.fromEntries(keys[kind].map((key, at) => [key, given[at]])),
    })),
  });
}

function rpcBody(actions: readonly Action[]): Buffer {
  const written = actions.map(([kind, ...given]) => {
    const fields = given.map((name, at) => field(at + 1, name));
    return field(1, field(numbers[kind], Buffer.concat(fields)));
  });
  return Buffer.concat(written);
}

const protocols = [
  {
    protocol: 'REST',
    intent: (...actions: Action[]) =>
      intentOf(restHead('POST /collections/aliases'), restBody(actions), names),
  },
  {
    protocol: 'gRPC',
    intent: (...actions: Action[]) =>
      intentOf(rpcHead('/qdrant.Collections/UpdateAliases'), rpcBody(actions), names),
  },
];

const manage = (...collections: string[]) =>
  collections.map((name) => `manage aliases.update on ${name}>${name}`);

describe.each(protocols)('a change of aliases over $protocol', ({ intent }) => {
  it('needs the alias and its new collection', async () => {
    expect(needsIn(await intent(['create', 'pub', 'new']))).toEqual(manage('pub', 'new'));
  });

  it('needs the collection that an alias is taken from', async () => {
    expect(needsIn(await intent(['create', 'pub', 'shop']))).toEqual(manage('pub', 'shop', 'sec'));
    expect(needsIn(await intent(['delete', 'shop']))).toEqual(manage('shop', 'sec'));
  });

  it('needs old name, new name, and what both lead to', async () => {
    const needs = needsIn(await intent(['rename', 'shop', 'store']));
    expect(needs).toEqual(manage('shop', 'sec', 'store', 'docs'));
  });

  it('may swap within one request, for whoever may all of it', async () => {
    const { needs, objection } = await intent(['delete', 'shop'], ['create', 'pub', 'shop']);
    expect(needsIn({ needs })).toEqual(manage('shop', 'sec', 'pub'));
    expect(objection).toBeNull();
  });

  it('needs every action of many', async () => {
    const many = Array.from({ length: 100 }, (_, at): Action => ['delete', `a${at}`]);
    const needs = needsIn(await intent(...many, ['create', 'sec', 'x']));
    expect(needs).toHaveLength(102);
    expect(needs).toContain('manage aliases.update on sec>sec');
  });

  it('is objected to where an alias would take the name of a collection', async () => {
    for (const action of [
      ['create', 'pub', 'docs'],
      ['rename', 'shop', 'docs'],
    ] as const) {
      const { objection } = await intent(action);
      expect(objection?.http).toBe(409);
      expect(objection?.grpc).toBe(6);
      expect(objection?.told).toBe('Wrong input: Collection `docs` already exists!');
    }
  });

  it('is refused for a name outside the grammar', async () => {
    for (const name of ['', 'a/b', '.', 'a b', 'é', 'x'.repeat(256)]) {
      const refused = await refusalOf(() => intent(['create', 'pub', name]));
      expect(refused.code).toBe('unreadable-request');
    }
  });

  it('is forwarded as it came', async () => {
    const { request } = await intent(['delete', 'shop'], ['create', 'pub', 'shop']);
    expect(Buffer.from(request.body as Uint8Array).toString()).toContain('shop');
  });

  it('of nothing needs a right on the database', async () => {
    expect(needsIn(await intent())).toEqual(['manage aliases.update on the database']);
  });
});

describe('an action that two readers could read differently is refused', () => {
  const rest = [
    '{"actions":[[["sec","x"]]]}',
    '{"actions":[{"create_alias":["sec","x"]}]}',
    '[[{"delete_alias":{"alias_name":"x"}}]]',
    '{"actions":[{"delete_alias":{"alias_name":"x"},"create_alias":{"collection_name":"sec","alias_name":"x"}}]}',
    '{"actions":[{"create_alias":{"collection_name":"pub","alias_name":"x"},"create_alias":{"collection_name":"pub","alias_name":"x"},"delete_alias":{"alias_name":"shop"}}]}',
    '{"actions":[{"zzz":1,"create_alias":{"collection_name":"sec","alias_name":"x"}}]}',
    '{"actions":[{}]}',
    '{"actions":[null]}',
    '{"actions":[{"create_alias":{"alias_name":"x"}}]}',
    '{"actions":[{"create_alias":null}]}',
    '{"actions":[{"delete_alias":{"alias_name":"x","alias_name":"shop"}}]}',
    '{"actions":[],"\\u0061ctions":[{"delete_alias":{"alias_name":"shop"}}]}',
    '{}',
  ];

  it.each(rest)('%s', async (body) => {
    const head = restHead('POST /collections/aliases');
    const refused = await refusalOf(() => intentOf(head, body, names));
    expect(refused.code).toBe('unreadable-request');
  });

  const create = field(1, Buffer.concat([field(1, 'pub'), field(2, 'x')]));
  const remove = field(3, field(1, 'shop'));
  const rpc: [string, Buffer][] = [
    ['create and delete in one action', field(1, Buffer.concat([create, remove]))],
    [
      'create in two pieces',
      field(1, Buffer.concat([field(1, field(1, 'pub')), field(1, field(2, 'x'))])),
    ],
    ['an unknown variant', field(1, field(4, 'x'))],
    ['an unknown field beside one', field(1, Buffer.concat([create, field(9, 'x')]))],
    ['an empty action', field(1, '')],
    ['a name that is absent', field(1, field(1, field(2, 'x')))],
    ['an action of the wrong wire type', Buffer.from([0x08, 0x01])],
  ];

  it.each(rpc)('%s', async (_, body) => {
    const head = rpcHead('/qdrant.Collections/UpdateAliases');
    const refused = await refusalOf(() => intentOf(head, body, names));
    expect(refused.code).toBe('unreadable-request');
  });
});
