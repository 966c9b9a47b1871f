import { describe, expect, it } from 'vitest';
import type { Intent, Need } from '../../../src/catalog/operation.ts';
import type { Decision, Grants } from '../../../src/policy/decision.ts';
import { authorise } from '../../../src/policy/permit.ts';
import { Refusal } from '../../../src/refusal.ts';
import { identity } from '../../audit/scene.ts';
import { asked, forwarded, known, needsIn } from './asked.ts';
import { described } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';

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

/** What the caller hears where the database answers so, as the client reads it. */
function heard(intent: Intent, method: string, answer: object): Record<string, unknown> {
  const type = described.get(service + method)?.resolvedResponseType;
  const status = described.get(`${service}LoadCollection`)?.resolvedResponseType;
  if (!type || !status || !intent.operation.trim) throw new Error('it is not answered');
  const bytes = Buffer.from(type.encode(type.fromObject(answer)).finish());
  const about = { needs: intent.needs, names: known };
  const told = intent.operation.trim('grpc', bytes, lister, about);
  return status.toObject(status.decode(told), { enums: String });
}

describe('a load by whoever may list the collection only', () => {
  const load = (content: object) =>
    asked('LoadCollection', { collection_name: 'to_pub', ...content });

  it('asks whether the collection is loaded, and is recorded as that', () => {
    const intent = permitted(load({}));
    expect(intent.operation.name).toBe('collections.load_state');
    expect(needsIn(intent)).toEqual(['list default/to_pub>pub']);
    expect(intent.request.target).toBe(`${service}GetLoadState`);
    expect(intent.request.fields).toEqual(['dbname', 'default']);
    expect(forwarded('GetLoadState', intent)).toEqual({
      collection_name: 'pub',
      db_name: 'default',
    });
  });

  it('is a success where it is, and a denial where it is not', () => {
    const intent = permitted(load({}));
    expect(heard(intent, 'GetLoadState', { status: {}, state: 'LoadStateLoaded' })).toEqual({});
    expect(heard(intent, 'GetLoadState', { status: {}, state: 'LoadStateLoading' })).toEqual({});
    for (const state of ['LoadStateNotLoad', 'LoadStateNotExist']) {
      const told = () => heard(intent, 'GetLoadState', { status: {}, state });
      expect(told).toThrow(Refusal);
    }
  });

  it('is denied in the words of any other denial', () => {
    const told = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        return (error as Refusal).told;
      }
      return 'nothing';
    };
    const sec = () => permitted(asked('LoadCollection', { collection_name: 'sec' }));
    const state = 'LoadStateNotLoad';
    expect(told(() => heard(permitted(load({})), 'GetLoadState', { state }))).toBe(told(sec));
  });

  it('passes on what the database says it failed with', () => {
    const status = { error_code: 'UnexpectedError', code: 65535, reason: 'ill' };
    expect(heard(permitted(load({})), 'GetLoadState', { status })).toMatchObject({ reason: 'ill' });
  });

  it('is denied where it is to be loaded anew, or may not be listed', () => {
    expect(() => permitted(load({ refresh: true }))).toThrow(Refusal);
    expect(() => permitted(asked('LoadCollection', { collection_name: 'sec' }))).toThrow(Refusal);
    expect(() => permitted(asked('LoadCollection', { collection_name: 'new' }))).toThrow(Refusal);
  });
});

describe('a create by whoever may list the collection only', () => {
  it('hears what a second create of something else hears', () => {
    const intent = permitted(asked('CreateCollection', { collection_name: 'pub' }));
    expect(intent.operation.name).toBe('collections.describe');
    expect(forwarded('DescribeCollection', intent)).toEqual({
      collection_name: 'pub',
      db_name: 'default',
    });
    expect(heard(intent, 'DescribeCollection', { status: {}, schema: { name: 'pub' } })).toEqual({
      error_code: 'UnexpectedError',
      code: 65535,
      reason: 'create duplicate collection with different parameters, collection: pub',
    });
  });

  it('hears what a second create of the same hears', () => {
    const root = described.get(`${service}CreateCollection`)?.root;
    const type = root?.lookupType('milvus.proto.schema.CollectionSchema');
    const fields = [{ name: 'id', data_type: 'Int64', is_primary_key: true }];
    const made = { name: 'pub', fields };
    const schema = type?.encode(type.fromObject(made)).finish();
    const intent = permitted(asked('CreateCollection', { collection_name: 'pub', schema }));
    const answer = { status: {}, schema: made, shards_num: 1, num_partitions: 1 };
    expect(heard(intent, 'DescribeCollection', answer)).toEqual({});
    const other = { ...answer, schema: { ...made, description: 'other' } };
    expect(heard(intent, 'DescribeCollection', other)).toMatchObject({ code: 65535 });
    const ill = { status: { error_code: 'UnexpectedError', code: 65535, reason: 'ill' } };
    expect(heard(intent, 'DescribeCollection', ill)).toMatchObject({ reason: 'ill' });
  });

  it('is denied where the collection does not exist, or may not be listed, alike', () => {
    for (const collection_name of ['new', 'sec', 'to_pub']) {
      expect(() => permitted(asked('CreateCollection', { collection_name }))).toThrow(Refusal);
    }
  });
});
