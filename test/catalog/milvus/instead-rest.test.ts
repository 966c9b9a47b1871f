import { describe, expect, it } from 'vitest';
import type { Intent, Need } from '../../../src/catalog/operation.ts';
import type { Decision, Grants } from '../../../src/policy/decision.ts';
import { authorise } from '../../../src/policy/permit.ts';
import { Refusal } from '../../../src/refusal.ts';
import { identity } from '../../audit/scene.ts';
import { asked, forwarded, known, needsIn, posted } from './rest-asked.ts';

/** Whoever may list `pub` of `default`, and do nothing else. */
const lister: Grants = {
  decide: ({ action, database, collection }: Need): Decision => {
    const may = action === 'list' && database === 'default' && collection?.resolved === 'pub';
    return { effect: may ? 'allow' : 'deny', rule: null };
  },
  mayList: (name) => name === 'pub',
  mayListDatabase: () => true,
};

function permitted(intent: Intent): Intent {
  return authorise(identity(), lister, intent).intent;
}

/** What the caller hears where the database answers so. */
function heard({ operation, needs }: Intent, answer: object): unknown {
  const told = operation.trim?.('http', Buffer.from(JSON.stringify(answer)), lister, {
    ...{ needs, names: known },
  });
  return JSON.parse(Buffer.from(told ?? []).toString());
}

const state = (loadState: string) => ({ code: 0, data: { loadState, message: '' } });
const missing = { code: 100, message: 'collection not found' };

describe('a load over REST by whoever may list the collection only', () => {
  const load = async () =>
    permitted(await posted('collections/load', { collectionName: 'to_pub' }));

  it('asks whether the collection is loaded, by its own name, and is recorded as that', async () => {
    const intent = await load();
    expect(intent.operation.name).toBe('collections.load_state');
    expect(needsIn(intent)).toEqual(['list default/to_pub>pub']);
    expect(intent.request.target).toBe('/v2/vectordb/collections/get_load_state');
    expect(JSON.parse(forwarded(intent))).toEqual({ dbName: 'default', collectionName: 'pub' });
  });

  it('is a success where it is, and a denial where it is not', async () => {
    const intent = await load();
    for (const word of ['LoadStateLoaded', 'LoadStateLoading']) {
      expect(heard(intent, state(word))).toEqual({ code: 0, data: {} });
    }
    for (const answer of [state('LoadStateNotLoad'), state('LoadStateNotExist'), { code: 0 }]) {
      expect(() => heard(intent, answer)).toThrow(Refusal);
    }
  });

  it('passes on what the database says it failed with', async () => {
    expect(heard(await load(), missing)).toEqual(missing);
  });

  it.each(['sec', 'new'])('is denied on %s, which may not be listed', async (collectionName) => {
    const intent = await posted('collections/load', { collectionName });
    expect(() => permitted(intent)).toThrow(Refusal);
  });
});

describe('a create over REST by whoever may list the collection only', () => {
  const create = (collectionName: string) =>
    posted('collections/create', { collectionName, dimension: 4 });

  it('hears what a second create hears, or what the database failed with', async () => {
    const intent = permitted(await create('pub'));
    expect(intent.request.target).toBe('/v2/vectordb/collections/describe');
    expect(JSON.parse(forwarded(intent))).toEqual({ dbName: 'default', collectionName: 'pub' });
    expect(heard(intent, { code: 0, data: { collectionName: 'pub' } })).toEqual({
      code: 65535,
      message: 'create duplicate collection with different parameters, collection: pub',
    });
    expect(heard(intent, missing)).toEqual(missing);
  });

  it.each(['new', 'sec', 'to_pub'])('is denied as %s', async (name) => {
    const intent = await create(name);
    expect(() => permitted(intent)).toThrow(Refusal);
  });

  it('is asked about over v1 by its own route', async () => {
    const body = { collectionName: 'pub', dimension: 4 };
    const intent = permitted(await asked('POST /v1/vector/collections/create', body));
    expect([intent.request.method, intent.request.target, forwarded(intent)]).toEqual([
      'GET',
      '/v1/vector/collections/describe?collectionName=pub&dbName=default',
      '',
    ]);
    expect(heard(intent, { code: 200, data: { collectionName: 'pub' } })).toMatchObject({
      message: expect.stringContaining('different parameters'),
    });
    expect(heard(intent, missing)).toEqual(missing);
  });

  it.each(['new', 'sec', 'to_pub'])('is denied over v1 as %s', async (collectionName) => {
    const body = { collectionName, dimension: 4 };
    const intent = await asked('POST /v1/vector/collections/create', body);
    expect(() => permitted(intent)).toThrow(Refusal);
  });

  it('is a success where it is the same and loaded, a denial where it is not loaded', async () => {
    const data = {
      ...{ description: '', enableDynamicField: true, shardsNum: 1, load: 'LoadStateLoaded' },
      fields: [
        { name: 'id', type: 'Int64', primaryKey: true, autoId: true, description: '' },
        { name: 'vector', type: 'FloatVector(4)', primaryKey: false, autoId: false },
      ],
      indexes: [{ fieldName: 'vector', indexName: 'vector', metricType: 'COSINE' }],
    };
    const body = { collectionName: 'pub', dimension: 4 };
    const intent = permitted(await asked('POST /v1/vector/collections/create', body));
    expect(heard(intent, { code: 200, data })).toEqual({ code: 200, data: {} });
    const released = { ...data, load: 'LoadStateNotLoad' };
    expect(() => heard(intent, { code: 200, data: released })).toThrow(Refusal);
  });
});
