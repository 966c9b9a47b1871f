import { readFileSync } from 'node:fs';
import type { Type } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/catalog/milvus/message.ts';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { Row } from '../../../src/catalog/milvus/row.ts';
import { described, messageIn, requestOf, root, wiresOf } from './descriptions.ts';

/** One line of the facts: what an operation is upstream. */
interface Fact {
  readonly api: 'rest' | 'grpc';
  readonly fullMethod?: string;
  readonly operation: string;
  readonly action: string;
  readonly databaseFrom?: string;
  readonly collectionFrom?: string;
  readonly idSelectors: readonly { readonly kind: string; readonly at: string }[];
}

const facts = JSON.parse(
  readFileSync(new URL('../../data/milvus-operations.json', import.meta.url), 'utf8'),
) as readonly Fact[];
const calls = facts.filter(({ api }) => api === 'grpc');
/** Where the catalogue asks for more than the facts' action: what these tell or cost is nobody's own,
 * as their notes say. */
const stricter: Readonly<Record<string, string>> = {
  'cluster.metrics': 'admin',
  'text.phrase_match_slop': 'read',
};
const rowOf = new Map(operations.flatMap((row) => row.grpc.map((path) => [path, row] as const)));
const open = operations.filter(({ rpc }) => rpc !== null);

/** What milvus-proto's master adds to what the client describes (August 2026). */
const newer: Readonly<Record<string, string>> = {
  InsertRequest: 'sv',
  UpsertRequest: 'sv',
  DeleteRequest: 'sv',
  SearchRequest: 'sv',
  HybridSearchRequest: 'sv',
  QueryRequest: 'sv',
};
/** Bytes that are a message: what they are. */
const inside: Readonly<Record<string, string>> = {
  'CreateCollectionRequest.schema': 'milvus.proto.schema.CollectionSchema',
  'AddCollectionFieldRequest.schema': 'milvus.proto.schema.FieldSchema',
};

describe('the facts and the rows of gRPC', () => {
  it.each(calls)('agree on $fullMethod: it has a row with its name and action', (fact) => {
    const row = rowOf.get(fact.fullMethod as string);
    expect([row?.name, row?.action]).toEqual([
      fact.operation,
      stricter[fact.operation] ?? fact.action,
    ]);
  });

  it('name the same calls', () => {
    const known = calls.map(({ fullMethod }) => fullMethod);
    expect([...rowOf.keys()].sort()).toEqual(known.sort());
  });

  it('have one row for each name', () => {
    const names = operations.map(({ name }) => name);
    expect(names).toHaveLength(new Set(names).size);
  });

  it.each(calls.filter(({ fullMethod }) => rowOf.get(fullMethod as string)?.rpc))(
    'agree on $fullMethod: where it names its database and its collection',
    ({ fullMethod, databaseFrom, collectionFrom, idSelectors }) => {
      const row = rowOf.get(fullMethod as string) as Row;
      if (row.about === 'server') return;
      expect(at(row, 'database')).toBe(numberIn(databaseFrom));
      if (at(row, 'collection') !== null || row.about === 'collection') {
        expect(at(row, 'collection')).toBe(numberIn(collectionFrom) ?? shown(row));
      }
      const ids = idSelectors.filter(({ kind }) => kind === 'collectionID');
      for (const { at: place } of ids) {
        const field = row.rpc?.message.fields.get(Number.parseInt(place, 10));
        expect(field?.kind === 'cut' || (field?.kind === 'number' && field.mark === 'id')).toBe(
          true,
        );
      }
    },
  );
});

describe('the descriptions that the Node client carries and the rows', () => {
  it.each([...described.keys()])('agree on %s: it has a row', (path) => {
    expect(rowOf.has(path)).toBe(true);
  });

  it.each(open)('agree on what $name is asked with: every field, of its wire type', (row) => {
    const plan = row.rpc as NonNullable<Row['rpc']>;
    agree(plan.message, requestOf(plan.path), new Set());
  });

  it.each(open)('agree on $name: no field that names something is passed over', (row) => {
    const plan = row.rpc as NonNullable<Row['rpc']>;
    const missed = namingFields(requestOf(plan.path)).filter(
      (number) => !plan.message.fields.has(number),
    );
    // The whole server is what these need, whatever they name.
    if (row.about === 'server' && row.action === 'admin') return;
    expect(missed).toEqual([]);
  });
});

const naming = /^(db|collection|database|alias|partition)_?(name|id)?s?$|^(old|new)(DB)?Name$/i;

function namingFields(type: Type): number[] {
  return type.fieldsArray.filter(({ name }) => naming.test(name)).map(({ id }) => id);
}

function agree(message: Message, type: Type, seen: Set<Message>): void {
  if (seen.has(message)) return;
  seen.add(message);
  expect(message.what).toBe(type.name);
  expect(message.wires).toBe(wiresOf(type) + (newer[type.name] ?? ''));
  for (const [number, field] of message.fields) {
    if (field.kind !== 'message') continue;
    const own = type.fieldsById[number];
    const bytes = inside[`${type.name}.${own?.name}`];
    const inner = own && (bytes ? root.lookupType(bytes) : messageIn(own));
    expect(inner, `${type.name}.${number}`).toBeTruthy();
    agree(field.message, inner as Type, seen);
  }
}

function at({ rpc }: Row, mark: string): number | null {
  for (const [number, field] of rpc?.message.fields ?? []) {
    if (field.kind === 'text' && field.mark === mark) return number;
  }
  return null;
}

function numberIn(place: string | undefined): number | null {
  const number = Number.parseInt(place ?? '', 10);
  return Number.isNaN(number) ? null : number;
}

/** ShowCollections names collections beside the one place that the facts speak of. */
function shown({ name }: Row): number | null {
  return name === 'collections.list' ? 5 : null;
}
