import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Protocol, View } from '../../../src/catalog/operation.ts';
import { operations } from '../../../src/catalog/qdrant/operations.ts';
import { varint } from '../../../src/catalog/reading/wire.ts';
import { namesOf } from '../names.ts';

const rows = new Map(operations.map((row) => [row.name, row]));
const viewOf = (...names: string[]): View => ({
  mayList: (name) => names.includes(name),
  mayListDatabase: () => false,
});

function trim(
  name: string,
  answer: string | Uint8Array,
  view: View,
  protocol: Protocol = 'http',
): Buffer {
  const trimmed = rows.get(name)?.trim?.(protocol, Buffer.from(answer as string), view, {
    needs: [],
    names: namesOf([]),
  });
  return Buffer.from(trimmed as Uint8Array);
}

const field = (number: number, value: Uint8Array | string) => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
};

const names = fc.uniqueArray(fc.stringMatching(/^[a-z"\\ü]{1,6}$/), { maxLength: 8 });
const named = fc.tuple(names, names);

describe('the list of collections', () => {
  it('keeps what may be listed, in order, over REST', () => {
    fc.assert(
      fc.property(named, fc.boolean(), ([all, listed], indented) => {
        const answer = {
          result: { collections: all.map((name) => ({ name })) },
          status: 'ok',
          time: 1e-5,
        };
        const kept = trim(
          'collections.list',
          JSON.stringify(answer, null, indented ? 1 : 0),
          viewOf(...listed),
        );
        const collections = answer.result.collections.filter(({ name }) => listed.includes(name));
        expect(JSON.parse(kept.toString())).toEqual({ ...answer, result: { collections } });
      }),
    );
  });

  it('keeps what may be listed, in order, over gRPC', () => {
    fc.assert(
      fc.property(named, ([all, listed]) => {
        const entries = all.map((name) => [name, field(1, field(1, name))] as const);
        const time = Buffer.from([0x11, 1, 2, 3, 4, 5, 6, 7, 8]);
        const answer = Buffer.concat([...entries.map(([, entry]) => entry), time]);
        const kept = entries.filter(([name]) => listed.includes(name)).map(([, entry]) => entry);
        expect(trim('collections.list', answer, viewOf(...listed), 'grpc')).toEqual(
          Buffer.concat([...kept, time]),
        );
      }),
    );
  });

  it('is not looked into where nothing is hidden', () => {
    const view: View = {
      mayList: () => false,
      mayListDatabase: () => false,
      listsEverything: true,
    };
    expect(trim('collections.list', 'as it came', view).toString()).toBe('as it came');
  });

  it('that is not as expected is a fault, not an answer', () => {
    for (const answer of [
      '',
      '{}',
      '[]',
      '{"result":{"collections":{}}}',
      '{"result":{"collections":[',
    ]) {
      expect(() => trim('collections.list', answer, viewOf('pub'))).toThrow(TypeError);
    }
    for (const bytes of [[0x0a, 0x7f], [0x0b], [0x0a], [0xff]]) {
      expect(() => trim('collections.list', Buffer.from(bytes), viewOf('pub'), 'grpc')).toThrow(
        TypeError,
      );
    }
  });
});

describe.each(['aliases.list', 'aliases.list_collection'])('the answer of %s', (name) => {
  const pairs = [
    ['a', 'pub'],
    ['b', 'sec'],
    ['sec-too', 'pub'],
  ] as const;

  it('keeps a pair of which both names may be listed', () => {
    const aliases = pairs.map(([alias_name, collection_name]) => ({ alias_name, collection_name }));
    const body = JSON.stringify({ result: { aliases }, status: 'ok' });
    const kept = JSON.parse(trim(name, body, viewOf('a', 'b', 'pub')).toString());
    expect(kept.result.aliases).toEqual([aliases[0]]);
  });

  it('shows an alias by the right to its collection, and hides it where it is denied', () => {
    const aliases = pairs.map(([alias_name, collection_name]) => ({ alias_name, collection_name }));
    const view: View = {
      mayList: (name, resolved = name) => resolved === 'pub' && name !== 'sec-too',
      mayListDatabase: () => false,
    };
    const kept = trim(name, JSON.stringify({ result: { aliases } }), view);
    expect(JSON.parse(kept.toString()).result.aliases).toEqual([aliases[0]]);
  });

  it('keeps it over gRPC, too', () => {
    const entry = ([alias, collection]: readonly [string, string]) =>
      field(1, Buffer.concat([field(1, alias), field(2, collection)]));
    const body = Buffer.concat(pairs.map(entry));
    expect(trim(name, body, viewOf('a', 'b', 'pub'), 'grpc')).toEqual(entry(pairs[0]));
  });
});

describe('telemetry', () => {
  const answer =
    '{"result":{"id":"x","collections":{"number_of_collections":3,"collections":[' +
    '{"id":"pub","shards":[{"peer":18446744073709551615}]},{"id":"sec"},{"vectors":4,"params":{}}],' +
    '"snapshots":[{"id":"sec","running_snapshots":0},{"id":"pub"}]},' +
    '"requests":{"rest":{"responses":{"GET /collections/{collection_name}":{}},"per_collection_responses":{"sec":{},"pub":{}}},' +
    '"grpc":{"per_collection_responses":{"sec":{}}}},' +
    '"hardware":{"collection_data":{"sec":{"cpu":1},"pub":{"cpu":2}}},"memory":null},"status":"ok"}';

  it('leaves out every trace of a collection that may not be listed', () => {
    const kept = trim('service.telemetry', answer, viewOf('pub')).toString();
    expect(kept).not.toContain('sec');
    const { result } = JSON.parse(kept);
    expect(result.collections.number_of_collections).toBe(1);
    expect(result.collections.snapshots).toEqual([{ id: 'pub' }]);
    expect(result.requests.rest.per_collection_responses).toEqual({ pub: {} });
    expect(result.hardware.collection_data).toEqual({ pub: { cpu: 2 } });
    expect(result.requests.rest.responses).toBeDefined();
  });

  it('keeps numbers as they are', () => {
    expect(trim('service.telemetry', answer, viewOf('pub')).toString()).toContain(
      '{"peer":18446744073709551615}',
    );
  });

  it('at level 0 does not tell how many there are', () => {
    const short = '{"result":{"id":"x","collections":{"number_of_collections":3}},"status":"ok"}';
    expect(trim('service.telemetry', short, viewOf('pub')).toString()).toContain(
      '"number_of_collections":0',
    );
  });
});

describe('cluster telemetry and issues', () => {
  it('leave out collections that may not be listed', () => {
    const telemetry =
      '{"result":{"collections":{"sec":{"id":"sec"},"pub":{"id":"pub"}},"cluster":{}}}';
    expect(trim('cluster.telemetry', telemetry, viewOf('pub')).toString()).toBe(
      '{"result":{"collections":{"pub":{"id":"pub"}},"cluster":{}}}',
    );
    const issues =
      '{"result":{"issues":[{"id":"UNINDEXED_FIELD/sec","related_collection":"sec"},' +
      '{"id":"b","related_collection":"pub"},{"id":"c","related_collection":null}]},"status":"ok"}';
    expect(trim('service.issues', issues, viewOf('pub')).toString()).toBe(
      '{"result":{"issues":[{"id":"b","related_collection":"pub"}]},"status":"ok"}',
    );
  });
});

describe('metrics', () => {
  const answer = [
    '# HELP collections_total number of collections',
    '# TYPE collections_total gauge',
    'collections_total 2',
    'collection_points{id="sec"} 5',
    'collection_points{id="pub"} 7',
    'collection_vectors{collection="sec",vector="text"} 1',
    'collection_vectors{vector="text",collection="pub"} 1',
    'rest_responses_total{method="PUT",collection="se\\"c",status="200"} 1',
    'process_threads 20',
    '',
  ].join('\n');

  it('leave out the samples of collections that may not be listed, and what sums them up', () => {
    const kept = trim('service.metrics', answer, viewOf('pub')).toString();
    expect(kept.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
      'collection_points{id="pub"} 7',
      'collection_vectors{vector="text",collection="pub"} 1',
      'process_threads 20',
      '',
    ]);
  });
});
