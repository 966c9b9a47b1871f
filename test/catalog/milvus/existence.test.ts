import type { Type } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { Names } from '../../../src/catalog/operation.ts';
import type { Grants } from '../../../src/policy/decision.ts';
import { authorise } from '../../../src/policy/permit.ts';
import { Refusal } from '../../../src/refusal.ts';
import { identity } from '../../audit/scene.ts';
import { namesOf } from '../names.ts';
import { intentOf } from './asked.ts';
import { requestOf } from './descriptions.ts';

/** Three worlds in which the collection is, is not, and is only what an alias is called. */
const worlds: Readonly<Record<string, Names>> = {
  there: namesOf(['default/sec', 'default/own'], {}, { '12': 'default/sec' }),
  absent: namesOf(['default/own']),
  alias: namesOf(['default/other', 'default/own'], { 'default/sec': 'default/other' }),
};

/** Whoever may do everything, to `own` alone. */
const owner: Grants = {
  decide: ({ collection, database, action }) => {
    const may = collection
      ? collection.named === 'own' && collection.resolved === 'own'
      : action === 'list' && database === 'default';
    return { effect: may ? 'allow' : 'deny', rule: null };
  },
  mayList: (name, resolved = name) => name === 'own' && resolved === 'own',
  mayListDatabase: () => true,
};

const naming = /^(collection|alias)_?(name)?s?$|^(old|new)Name$|^target_collection_name$/i;

/** The request that names the collection in all these places. */
function requestNaming(type: Type, name: string): Buffer {
  const content: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    if (!naming.test(field.name) || field.type !== 'string') continue;
    content[field.name] = field.repeated ? [name] : name;
  }
  return Buffer.from(type.encode(type.fromObject(content)).finish());
}

/** All that the caller hears of it. */
function heard(path: string, body: Buffer, names: Names): unknown {
  try {
    return authorise(identity(), owner, intentOf(path, body, {}, names)).intent.needs.length;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, told, grpc, http } = error;
    return { code, told, grpc, http };
  }
}

const rows = operations.filter(({ rpc }) => rpc !== null);

describe('whoever may not list a collection hears the same whether it exists or not', () => {
  it.each(rows)('$name', ({ rpc }) => {
    const path = rpc?.path as string;
    const body = requestNaming(requestOf(path), 'sec');
    const there = heard(path, body, worlds['there'] as Names);
    expect(heard(path, body, worlds['absent'] as Names)).toEqual(there);
    expect(heard(path, body, worlds['alias'] as Names)).toEqual(there);
  });

  it('by its id as well', () => {
    for (const method of ['GetReplicas', 'DescribeCollection', 'ManualCompaction']) {
      const path = `/milvus.proto.milvus.MilvusService/${method}`;
      const type = requestOf(path);
      const body = Buffer.from(type.encode(type.fromObject({ collectionID: 12 })).finish());
      const there = heard(path, body, worlds['there'] as Names);
      expect(there).toMatchObject({ code: 'not-permitted' });
      expect(heard(path, body, worlds['absent'] as Names)).toEqual(there);
    }
  });
});
