import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { View } from '../../../src/catalog/operation.ts';
import { known } from './rest-asked.ts';

/** Whoever may list `pub`, and what leads to it, in the database `tenant`. */
const some: View = {
  mayList: (name, resolved = name, database = null) =>
    database === 'tenant' && resolved === 'pub' && name !== 'hidden',
  mayListDatabase: (database) => database === 'tenant',
};

function rowOf(name: string) {
  const row = operations.find((each) => each.name === name);
  if (!row) throw new Error(`no row ${name}`);
  return row;
}

/** An answer of REST as somebody sees it who asked in this database. */
function trimmed(name: string, answer: string, view: View = some, database = 'tenant'): string {
  const row = rowOf(name);
  const needs = [{ operation: row, action: row.action, collection: null, database }];
  const left = row.trim?.('http', Buffer.from(answer), view, { needs, names: known });
  if (!left) throw new Error(`${name} is not trimmed`);
  return Buffer.from(left).toString('utf8');
}

describe('the lists of REST', () => {
  it.each([
    ['collections.list', '{"code":0,"data":["sec","pub","sec2"]}', '{"code":0,"data":["pub"]}'],
    ['collections.list', '{ "code":200, "data": [ "sec" ] }', '{ "code":200, "data": [] }'],
    ['databases.list', '{"code":0,"data":["default","tenant"]}', '{"code":0,"data":["tenant"]}'],
    ['aliases.list', '{"code":0,"data":["to_pub","to_sec","new"]}', '{"code":0,"data":["to_pub"]}'],
    [
      'collections.describe',
      '{"code":0,"data":{"aliases":["to_pub","other"],"collectionID":9007199254740993}}',
      '{"code":0,"data":{"aliases":["to_pub"],"collectionID":9007199254740993}}',
    ],
  ])('%s show what may be listed', (name, answer, left) => {
    expect(trimmed(name, answer)).toBe(left);
  });

  it('show nothing of another database', () => {
    expect(trimmed('collections.list', '{"data":["pub"]}', some, 'default')).toBe('{"data":[]}');
  });

  it.each([
    '{"code":800,"message":"database not found[database=x]"}',
    '{"code":0,"data":null}',
    '{"code":0,"data":{}}',
  ])('leave an answer without a list as it is: %s', (answer) => {
    const name = answer.includes('{}') ? 'collections.describe' : 'collections.list';
    expect(trimmed(name, answer)).toBe(answer);
  });

  it('show an element that is no name to nobody', () => {
    expect(trimmed('collections.list', '{"data":["pub",{"name":"sec"},5]}')).toBe(
      '{"data":["pub"]}',
    );
  });

  it('fail where they cannot be read', () => {
    expect(() => trimmed('collections.list', '{"data":{"a":1}}')).toThrow(TypeError);
  });

  it('are shown whole to whoever may list everything', () => {
    const answer = '{"data":["sec"]}';
    expect(trimmed('collections.list', answer, { ...some, listsEverything: true })).toBe(answer);
  });
});

describe('the answers of REST', () => {
  it.each(['entities.search', 'entities.query', 'entities.get', 'entities.hybrid_search'])(
    'of %s are counted by what is in their data',
    (name) => {
      const counter = rowOf(name).countOut?.('http');
      for (const part of ['{"code":0,"data":[{"id":"1","a":[1,2]},', '{"id":"2"}],"cost":6}']) {
        counter?.push(Buffer.from(part));
      }
      expect(counter?.points).toBe(2);
    },
  );
});
