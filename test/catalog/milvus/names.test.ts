import { describe, expect, it } from 'vitest';
import type { OwnRequest } from '../../../src/catalog/database.ts';
import { nameRequests, readNames } from '../../../src/catalog/milvus/names.ts';
import { readVersion, versionRequest } from '../../../src/catalog/milvus/version.ts';
import { Refusal } from '../../../src/refusal.ts';
import { decode, encode, methodTypes, type Plain } from '../../support/milvus/messages.ts';

type Answers = Record<string, (asked: Plain) => Plain | number>;

const ok = { error_code: 0, code: 0 };
const failed = (code: number) => ({ status: { error_code: 1, code } });

/** A Milvus of two databases: `shop` leads to `products` in one, `hr` is empty. */
const whole: Answers = {
  ListDatabases: () => ({ status: ok, db_names: ['default', 'hr'] }),
  ShowCollections: ({ db_name }) =>
    db_name === 'default'
      ? {
          status: ok,
          collection_names: ['products', 'docs'],
          collection_ids: [7, '470644951726686267'],
        }
      : { status: ok },
  ListAliases: ({ db_name }) => ({ status: ok, aliases: db_name === 'default' ? ['shop'] : [] }),
  DescribeAlias: ({ alias }) => ({ status: ok, alias, collection: 'products' }),
};

function askedOf(answers: Answers, asked: OwnRequest[] = []) {
  return async (request: OwnRequest): Promise<Buffer> => {
    asked.push(request);
    const method = request.target.split('/').at(-1) ?? '';
    const types = methodTypes(method);
    const told = answers[method]?.(decode(types?.request ?? '', request.body ?? Buffer.alloc(0)));
    if (typeof told !== 'number') return encode(types?.answer ?? '', told ?? {});
    throw new Refusal('upstream-unreachable', 'no success', { cause: told });
  };
}

describe('the name table of a Milvus', () => {
  it('has every collection, alias and id, by its database', async () => {
    const { collections, aliases, ids } = await readNames(askedOf(whole));
    expect([...collections]).toEqual(['default/products', 'default/docs']);
    expect([...aliases]).toEqual([['default/shop', 'default/products']]);
    expect([...(ids ?? [])]).toEqual([
      ['7', 'default/products'],
      ['470644951726686267', 'default/docs'],
    ]);
  });

  it('is asked for with the database in the message and in the metadata', async () => {
    const asked: OwnRequest[] = [];
    await readNames(askedOf(whole, asked));
    const about = asked.filter(({ fields = [] }) => fields.length > 0);
    expect(about.map(({ fields }) => fields?.[1]).sort()).toEqual(
      ['default', 'default', 'default', 'hr', 'hr'].sort(),
    );
    const kinds = new Set(nameRequests.map(({ target }) => target));
    expect(asked.every(({ target }) => kinds.has(target))).toBe(true);
  });

  it.each([
    ['without databases', { ListDatabases: () => 12 }],
    ['that names none', { ListDatabases: () => ({ status: ok }) }],
  ])('of one %s is that of default', async (_what, answers) => {
    const { collections } = await readNames(askedOf({ ...whole, ...answers }));
    expect([...collections]).toEqual(['default/products', 'default/docs']);
  });

  it('does without ids where none are told', async () => {
    const ShowCollections = () => ({ status: ok, collection_names: ['a'] });
    const { collections, ids } = await readNames(askedOf({ ...whole, ShowCollections }));
    expect([[...collections], ids?.size]).toEqual([['default/a', 'hr/a'], 0]);
  });

  it.each([
    [
      'a database',
      {
        ShowCollections: ({ db_name }: Plain) => (db_name === 'hr' ? failed(800) : { status: ok }),
      },
    ],
    ['an alias', { DescribeAlias: () => failed(1600) }],
  ])('leaves out %s that is gone meanwhile', async (_what, answers) => {
    const { aliases } = await readNames(askedOf({ ...whole, ...answers }));
    expect([...aliases.keys()]).toEqual('DescribeAlias' in answers ? [] : ['default/shop']);
  });

  it.each([
    ['the databases', { ListDatabases: () => failed(65535) }],
    ['the databases, since the gateway may not list them', { ListDatabases: () => 7 }],
    ['the collections', { ShowCollections: () => failed(1) }],
    [
      'the collections, said in the older way',
      { ShowCollections: () => ({ status: { error_code: 1 } }) },
    ],
    ['the aliases', { ListAliases: () => 12 }],
    ['where an alias leads', { DescribeAlias: () => failed(1) }],
    ['where an alias leads, but says it well', { DescribeAlias: () => ({ status: ok }) }],
  ])('is not read where Milvus does not tell %s', async (_what, answers) => {
    await expect(readNames(askedOf({ ...whole, ...answers } as Answers))).rejects.toThrow();
  });
});

describe('the version of a Milvus', () => {
  const told = (version: string) => encode('GetVersionResponse', { status: ok, version });

  it('is what GetVersion says', () => {
    expect(versionRequest.target).toBe('/milvus.proto.milvus.MilvusService/GetVersion');
    expect(readVersion(told('v2.3.5-lite'))).toBe('2.3.5-lite');
    expect(readVersion(told('milvus_lite-3.2.2'))).toBe('milvus_lite-3.2.2');
  });

  it('is missing where it says none', () => {
    expect(() => readVersion(told(''))).toThrow(TypeError);
  });
});
