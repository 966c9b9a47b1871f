import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Intent, Names, Reading } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { Refusal } from '../../../src/refusal.ts';
import { namesOf } from '../names.ts';

/** A JSON text: `text` as it is sent. */
type Text = string;

const c = fc.constantFrom('pub', 'sec', 'other', 'alias', 'sec');
/** A string token, some of its characters now and then escaped. */
function token(value: string): fc.Arbitrary<Text> {
  const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(4095)).map((mask) => {
    const write = (letter: string, at: number) => ((mask >> at) & 1 ? escaped(letter) : letter);
    return `"${mask === 0 ? value : [...value].map(write).join('')}"`;
  });
}

const member = (key: string, value: fc.Arbitrary<Text>): fc.Arbitrary<Text> =>
  fc.tuple(token(key), value).map(([name, text]) => `${name}:${text}`);
const name = c.chain(token);
const noise = fc.constantFrom('1', 'null', '[0.1,0.2]', '"lookup"', '{"a":[{"b":2}]}', '"\\\\"');

function object(...members: fc.Arbitrary<Text | null>[]): fc.Arbitrary<Text> {
  return fc
    .tuple(...members)
    .chain((texts) => fc.shuffledSubarray(texts.filter((text) => text !== null)))
    .map((texts) => `{${texts.join()}}`);
}

const lookup = fc.oneof(
  { weight: 4, arbitrary: object(member('collection', name), member('vector', noise)) },
  { weight: 1, arbitrary: name.map((text) => `[${text},"text"]`) },
  { weight: 1, arbitrary: fc.constant('null') },
  { weight: 1, arbitrary: name },
);

const { prefetch } = fc.letrec<{ prefetch: Text; one: Text }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    object(member('lookup_from', lookup), member('query', noise)),
    object(member('prefetch', tie('prefetch')), member('lookup_from', lookup)),
    // Positional: lookup_from is the eighth field of Prefetch.
    lookup.map((text) => `[null,1,null,null,null,null,5,${text}]`),
  ),
  prefetch: fc.oneof(
    { depthSize: 'small' },
    tie('one'),
    fc.array(tie('one'), { maxLength: 3 }).map((ones) => `[${ones.join()}]`),
    fc.constant('null'),
  ),
}));

const query = object(
  member('query', noise),
  member('prefetch', prefetch),
  member('lookup_from', lookup),
  member('with_lookup', lookup),
  member('lookup_from', lookup),
  member('Lookup_From', lookup),
);
const batch = fc
  .array(query, { maxLength: 4 })
  .map((searches) => `{"searches":[${searches.join()}]}`);
const positionalBatch = fc
  .array(query, { maxLength: 2 })
  .map((searches) => `[[${searches.join()}]]`);

/** What Qdrant's serde structs would look into: objects, and arrays by position. Duplicate keys are
 * refused upstream, so that the last of them is as good as any. */
function touchedByQuery(value: unknown, fields: ReadonlySet<string>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? fromPrefetch(value) : (value as Record<string, unknown>);
  const touched: string[] = [];
  if (fields.has('lookup_from')) touched.push(...touchedByLookup(own['lookup_from']));
  if (fields.has('with_lookup')) {
    const inner = own['with_lookup'];
    touched.push(...(typeof inner === 'string' ? [inner] : touchedByLookup(inner)));
  }
  if (!fields.has('prefetch')) return touched;
  const nested = own['prefetch'];
  const list = Array.isArray(nested) ? [nested, ...nested] : [nested];
  return [...touched, ...list.flatMap((one) => touchedByQuery(one, prefetchFields))];
}

const prefetchFields = new Set(['prefetch', 'lookup_from']);

function fromPrefetch(list: readonly unknown[]): Record<string, unknown> {
  return { prefetch: list[0], lookup_from: list[7] };
}

function touchedByLookup(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = Array.isArray(value) ? value[0] : (value as Record<string, unknown>)['collection'];
  return typeof found === 'string' ? [found] : [];
}

const queryFields = new Set(['prefetch', 'lookup_from']);
interface Rows {
  readonly path: string;
  readonly body: fc.Arbitrary<Text>;
  readonly fields: ReadonlySet<string>;
}

const rows: readonly Rows[] = [
  { path: 'query', body: query, fields: queryFields },
  { path: 'query/groups', body: query, fields: new Set([...queryFields, 'with_lookup']) },
  { path: 'recommend', body: query, fields: new Set(['lookup_from']) },
  { path: 'discover', body: query, fields: new Set(['lookup_from']) },
  { path: 'recommend/groups', body: query, fields: new Set(['lookup_from', 'with_lookup']) },
  { path: 'search/groups', body: query, fields: new Set(['with_lookup']) },
  { path: 'query/batch', body: fc.oneof(batch, positionalBatch), fields: queryFields },
  {
    path: 'recommend/batch',
    body: fc.oneof(batch, positionalBatch),
    fields: new Set(['lookup_from']),
  },
  {
    path: 'discover/batch',
    body: fc.oneof(batch, positionalBatch),
    fields: new Set(['lookup_from']),
  },
];

const plain = namesOf(['pub', 'sec', 'other', 'real']);
const withAlias = namesOf(['pub', 'sec', 'other', 'real'], { alias: 'real' });

/** The intent of a request; null where it is refused as unreadable. */
function intentOf(path: string, body: string, names: Names): Intent | null {
  const target = `/collections/pub/points/${path}`;
  const head = { protocol: 'http', method: 'POST', target, field: () => undefined } as const;
  try {
    return (qdrant.locate(head).read(Buffer.from(body)) as Reading).intent(names);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unreadable-request') return null;
    throw error;
  }
}

function touched(body: string, { path, fields }: Pick<Rows, 'path' | 'fields'>): string[] {
  const value = JSON.parse(body) as unknown;
  if (!path.endsWith('/batch')) return touchedByQuery(value, fields);
  const searches = Array.isArray(value) ? value[0] : (value as { searches: unknown }).searches;
  return (searches as unknown[]).flatMap((one) => touchedByQuery(one, fields));
}

const judged = (intent: Intent) => new Set(intent.needs.map((need) => need.collection?.resolved));

describe('what a REST body touches', () => {
  it.each(rows)('is judged or refused: $path', (row) => {
    const { path, body } = row;
    let read = 0;
    fc.assert(
      fc.property(body, (text) => {
        const intent = intentOf(path, text, plain);
        if (intent === null) return;
        read++;
        for (const name of touched(text, row)) expect(judged(intent)).toContain(name);
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(100);
  });

  it.each(rows)('is after rewriting what was judged: $path', (row) => {
    const { path, body } = row;
    fc.assert(
      fc.property(body, (text) => {
        const intent = intentOf(path, text, withAlias);
        if (intent === null) return;
        const sent = Buffer.from(intent.request.body as Uint8Array).toString('utf8');
        const rewritten = touched(sent, row);
        expect(rewritten).not.toContain('alias');
        expect(rewritten).toEqual(
          touched(text, row).map((name) => (name === 'alias' ? 'real' : name)),
        );
        if (!touched(text, row).includes('alias')) expect(sent).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('is nothing in a body that is not walked', () => {
    let unwalked = 0;
    for (const row of rows) {
      const { path, body } = row;
      fc.assert(
        fc.property(body, (text) => {
          if (text.includes('\\') || /lookup|prefetch/.test(text) || !text.startsWith('{')) return;
          unwalked++;
          expect(touched(text, row)).toEqual([]);
          expect(intentOf(path, text, plain)).not.toBeNull();
        }),
      );
    }
    expect(unwalked).toBeGreaterThan(20);
  });
});
