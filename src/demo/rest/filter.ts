import { Failure } from '../failure.ts';
import { firstOf, mapped, nullable } from '../json/alternatives.ts';
import { unexpected } from '../json/error.ts';
import { Malformed } from '../json/malformed.ts';
import { numberOf } from '../json/node.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { buffered } from '../json/reading.ts';
import { field, struct } from '../json/struct.ts';
import { fieldTests } from '../store/field-test.ts';
import { type Condition, fieldCondition, filterOf, nestedCondition } from '../store/filter.ts';
import { fieldShape, testsOf } from './field-condition.ts';
import { pointId } from './values.ts';

/** Reads a filter. */
export const filter: Read<Condition> = (node, mode) => readFilter(node, mode);

/** Reads one, several or none of something. */
export function oneOrMany<T>(read: Read<T>): Read<T[] | undefined> {
  return (node, mode) => {
    if (node.kind === 'null') return undefined;
    if (node.kind === 'array') return list(read)(node, mode);
    if (node.kind === 'object') return [read(node, mode)];
    throw unexpected(node, 'null, a sequence or a map', mode);
  };
}

// Conditions are copied before they are read, which leaves one of each of an object's keys.
const condition: Read<Condition> = (node, mode) => {
  buffered(node, mode);
  if (node.kind === 'object') {
    const key = node.members.findLast((member) => member.key === 'key');
    if (key && key.value.kind !== 'string') {
      throw new Malformed("Filter condition 'key' must be a string");
    }
    if (key) return readField(node, 'value');
  }
  return otherCondition(node, 'value');
};

const readField = mapped(struct('FieldCondition', fieldShape), (read) =>
  fieldCondition(read.key, testsOf(read)),
);

const keyed = struct('PayloadField', { key: field.required(scalars.string) });

const nested = struct('Nested', {
  key: field.required(scalars.string),
  filter: field.required(filter),
});

const slice = struct('Slice', {
  total: field.required(scalars.size),
  index: field.required(scalars.size),
});

const otherCondition: Read<Condition> = firstOf<Condition>(
  'data did not match any variant of untagged enum ConditionUntagged',
  readField,
  mapped(struct('IsEmptyCondition', { is_empty: field.required(keyed) }), ({ is_empty: { key } }) =>
    fieldCondition(key, [fieldTests.isEmpty]),
  ),
  mapped(struct('IsNullCondition', { is_null: field.required(keyed) }), ({ is_null: { key } }) =>
    fieldCondition(key, [fieldTests.isNull]),
  ),
  mapped(struct('HasIdCondition', { has_id: field.required(list(pointId)) }), ({ has_id }) => {
    const ids = new Set(has_id);
    return ({ id }) => ids.has(id);
  }),
  mapped(
    struct('HasVectorCondition', { has_vector: field.required(scalars.string) }),
    ({ has_vector }) =>
      ({ vectors }) =>
        vectors.has(has_vector),
  ),
  mapped(struct('SliceCondition', { slice: field.required(slice) }), () => {
    throw new Failure('notBuilt', 'slice conditions');
  }),
  mapped(struct('NestedCondition', { nested: field.required(nested) }), ({ nested }) =>
    nestedCondition(nested.key, nested.filter),
  ),
  filter,
);

const count: Read<number> = (node, mode) => {
  const value = node.kind === 'number' ? numberOf(node.raw) : undefined;
  if (value === 0n) throw new Failure('invalid', minCountMessage);
  return scalars.size(node, mode);
};

const minCountMessage =
  'Validation error in JSON body: [filter.min_should.min_count: min_count must be greater than 0]';

const minShould = struct('MinShould', {
  conditions: field.required(list(condition)),
  min_count: field.required(count),
});

const conditions = oneOrMany(condition);

const readFilter = mapped(
  struct(
    'Filter',
    {
      should: field.spare(conditions),
      min_should: field.optional(nullable(minShould)),
      must: field.spare(conditions),
      must_not: field.spare(conditions),
    },
    { strict: true },
  ),
  ({ should, min_should, must, must_not }) =>
    filterOf({
      must: must ?? [],
      should: should ?? [],
      mustNot: must_not ?? [],
      minShould: min_should
        ? { conditions: min_should.conditions, count: min_should.min_count }
        : null,
    }),
);
