import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { View } from '../../../src/catalog/operation.ts';
import { known } from './asked.ts';
import { described, root } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';
type Content = Readonly<Record<string, unknown>>;

/** Whoever may list `pub`, and what leads to it, in the database `default`. */
const some: View = {
  mayList: (name, resolved = name, database = null) => {
    return database === 'default' && resolved === 'pub' && name !== 'hidden';
  },
  mayListDatabase: (database) => database === 'default',
};
const all: View = { ...some, listsEverything: true };

/** An answer of this call, trimmed for somebody who asked in this database. */
function trimmed(method: string, content: Content, view: View = some, database = 'default') {
  const type = described.get(service + method)?.resolvedResponseType;
  const row = operations.find(({ grpc }) => grpc.includes(service + method));
  if (!type || !row?.trim) throw new Error(`${method} is not trimmed`);
  const answer = Buffer.from(type.encode(type.fromObject(content)).finish());
  const needs = [{ operation: row, action: row.action, collection: null, database }];
  const left = row.trim('grpc', answer, view, { needs, names: known });
  return type.toObject(type.decode(left), { longs: Number, arrays: true });
}

const success = { error_code: 'Success', reason: 'fine' };

describe('ShowCollections', () => {
  const list = {
    status: success,
    collection_names: ['sec', 'pub', 'sec2'],
    collection_ids: [12, 11, 300_000_000_000],
    created_timestamps: [1, 2, 3],
    created_utc_timestamps: [4, 5, 6],
    inMemory_percentages: [],
    query_service_available: [true],
    shards_num: [7, 8, 9],
  };

  it('keeps what may be listed, and what stands beside it at the same place', () => {
    expect(trimmed('ShowCollections', list)).toMatchObject({
      collection_names: ['pub'],
      collection_ids: [11],
      created_timestamps: [2],
      created_utc_timestamps: [5],
      inMemory_percentages: [],
      query_service_available: [],
      shards_num: [8],
      status: { reason: 'fine' },
    });
  });

  it('shows nothing of another database, and everything to whoever may list it', () => {
    const elsewhere = trimmed('ShowCollections', list, some, 'tenant');
    expect(elsewhere).toMatchObject({ collection_names: [], collection_ids: [], shards_num: [] });
    expect(trimmed('ShowCollections', list, all)['collection_names']).toEqual([
      'sec',
      'pub',
      'sec2',
    ]);
  });

  it('reads numbers that are packed and numbers that are not', () => {
    const loose = Buffer.from([18, 3, 115, 101, 99, 18, 3, 112, 117, 98, 24, 12, 24, 11]);
    const row = operations.find(({ name }) => name === 'collections.list');
    const needs = [{ operation: row, action: 'list', collection: null, database: 'default' }];
    const left = row?.trim?.('grpc', loose, some, { needs: needs as never, names: known });
    const type = root.lookupType('milvus.proto.milvus.ShowCollectionsResponse');
    expect(type.toObject(type.decode(left as Uint8Array), { longs: Number })).toEqual({
      collection_names: ['pub'],
      collection_ids: [11],
    });
  });
});

describe('ListDatabases', () => {
  it('keeps those in which something may be listed', () => {
    const list = {
      status: success,
      db_names: ['default', 'tenant'],
      created_timestamp: [1, 2],
      db_ids: [3, 4],
    };
    expect(trimmed('ListDatabases', list)).toMatchObject({
      db_names: ['default'],
      created_timestamp: [1],
      db_ids: [3],
    });
  });
});

describe('aliases', () => {
  const names = ['to_sec', 'to_pub', 'unknown', 'hidden'];

  it('are listed where both they and their collections may be', () => {
    expect(trimmed('ListAliases', { status: success, aliases: names })['aliases']).toEqual([
      'to_pub',
    ]);
  });

  it('are left out of descriptions by the same rule', () => {
    const one = {
      status: success,
      aliases: names,
      collection_name: 'pub',
      schema: { name: 'pub' },
    };
    expect(trimmed('DescribeCollection', one)).toMatchObject({
      aliases: ['to_pub'],
      collection_name: 'pub',
      schema: { name: 'pub' },
    });
    const batch = trimmed('BatchDescribeCollection', { status: success, responses: [one, one] });
    expect(batch['responses']).toMatchObject([{ aliases: ['to_pub'] }, { aliases: ['to_pub'] }]);
  });
});

describe('CheckHealth', () => {
  const ill = { status: success, isHealthy: false, reasons: ['node 3 of sec'], quota_states: [1] };

  it('says whether it is healthy, and why only to whoever may list everything', () => {
    expect(trimmed('CheckHealth', ill)).toMatchObject({ reasons: [], quota_states: [] });
    expect(trimmed('CheckHealth', ill, all)['reasons']).toEqual(['node 3 of sec']);
  });
});

describe('an answer that cannot be read', () => {
  it('is no fault of the caller, and is not passed on', () => {
    for (const name of ['collections.list', 'databases.list', 'aliases.list', 'cluster.health']) {
      const row = operations.find((each) => each.name === name);
      const trim = () =>
        row?.trim?.('grpc', Buffer.from([18, 200, 1]), some, { needs: [], names: known });
      expect(trim).toThrow(TypeError);
    }
  });
});
