import fc from 'fast-check';
import { type Json, list, object, raw, reference, text } from './json.ts';
import { name } from './names.ts';

const anything: Json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    reference,
    raw('null', '1', '-1.5e300', 'true', '9007199254740993', '18446744073709551616', '"\\ud800"'),
    list(tie('value')),
    object({ 'lookup_from?': tie('value'), 'collection?': reference, 'k?': tie('value') }),
  ),
})).value;

const lookupFrom: Json = fc.oneof(
  { weight: 8, arbitrary: object({ collection: reference, 'vector?': raw('null', '""') }) },
  { weight: 1, arbitrary: reference },
  { weight: 1, arbitrary: raw('null', '{}', '[]') },
  { weight: 1, arbitrary: list(reference) },
  { weight: 1, arbitrary: anything },
);

const withLookup: Json = fc.oneof(
  { weight: 4, arbitrary: reference },
  { weight: 4, arbitrary: object({ collection: reference, 'with_payload?': raw('true') }) },
  { weight: 1, arbitrary: list(reference) },
  { weight: 1, arbitrary: anything },
);

const query: Json = raw(
  '1',
  '[1,2]',
  '{"nearest":1}',
  '{"recommend":{"positive":[1,2]}}',
  '{"fusion":"rrf"}',
  'null',
);

const prefetch: Json = fc.letrec<{ one: string; many: string }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    object({ query, 'limit?': raw('5'), 'lookup_from?': lookupFrom }),
    object({ 'prefetch?': tie('many'), query, 'lookup_from?': lookupFrom }),
    // The positions of the struct's fields, as Qdrant reads arrays.
    fc
      .tuple(tie('many'), query, lookupFrom)
      .map(([inner, asked, from]) => `[${inner},${asked},null,null,null,null,5,${from}]`),
  ),
  many: fc.oneof(tie('one'), list(tie('one')), raw('null', '[]')),
})).many;

const filter: Json = object({
  must: list(raw('{"has_id":[1]}', '{"key":"k","match":{"value":"sec"}}')),
});
const deep = raw(
  `${'{"prefetch":'.repeat(40)}{"query":1,"lookup_from":{"collection":"sec"}}${'}'.repeat(40)}`,
  `${'['.repeat(200)}${']'.repeat(200)}`,
);

const queryBody: Json = fc.oneof(
  {
    weight: 12,
    arbitrary: object({
      query,
      'prefetch?': prefetch,
      'limit?': raw('3'),
      'lookup_from?': lookupFrom,
      'filter?': filter,
    }),
  },
  { weight: 1, arbitrary: deep },
);
const groupsBody: Json = object({
  query,
  group_by: raw('"k"'),
  'prefetch?': prefetch,
  'lookup_from?': lookupFrom,
  'with_lookup?': withLookup,
});
const searchGroups: Json = object({
  vector: raw('[1,2]'),
  group_by: raw('"k"'),
  limit: raw('2'),
  group_size: raw('2'),
  'with_lookup?': withLookup,
});
const search: Json = object({
  vector: raw('[1,2]'),
  limit: raw('2'),
  'lookup_from?': lookupFrom,
  'filter?': filter,
});
const recommend: Json = object({
  positive: raw('[1]', '[1,2]'),
  limit: raw('2'),
  'lookup_from?': lookupFrom,
});
const recommendGroups: Json = object({
  positive: raw('[1]'),
  group_by: raw('"k"'),
  limit: raw('2'),
  group_size: raw('2'),
  'lookup_from?': lookupFrom,
  'with_lookup?': withLookup,
});
const discover: Json = object({ target: raw('1'), limit: raw('2'), 'lookup_from?': lookupFrom });
const batch = (one: Json): Json => object({ searches: list(one, 4) });

const aliasAction: Json = fc.oneof(
  object({ create_alias: object({ collection_name: reference, alias_name: reference }) }),
  object({ rename_alias: object({ old_alias_name: reference, new_alias_name: reference }) }),
  object({ delete_alias: object({ alias_name: reference }) }),
  object({
    'create_alias?': object({ collection_name: reference, alias_name: reference }),
    'rename_alias?': object({ old_alias_name: reference, new_alias_name: reference }),
    'delete_alias?': object({ alias_name: reference }),
  }),
);

const points = list(object({ id: raw('1', '2', '9'), vector: raw('[1,2]'), 'payload?': anything }));
const selection = fc.oneof(object({ points: raw('[1]', '[]') }), object({ filter }));
const payload = object({ payload: object({ k: anything }), points: raw('[1]') });
const operation: Json = fc.oneof(
  object({ upsert: object({ points }) }),
  object({ delete: selection }),
  object({ set_payload: payload }),
  object({ overwrite_payload: payload }),
  object({ 'upsert?': object({ points }), 'delete?': selection }),
);
const location: Json = text(
  fc
    .tuple(
      fc.constantFrom(
        'file:///qdrant/snapshots/',
        'FILE:///qdrant/snapshots/',
        'file:/qdrant/snapshots/',
        'file:///qdrant/snapshots/pub/../',
        'file:///qdrant/snapshots/pub/%2e%2e/',
        'file:\\\\\\qdrant\\snapshots\\',
        'fi\tle:///qdrant/snapshots/',
        'http://127.0.0.1:6333/collections/',
        'file://evil/snapshots/',
        '/qdrant/snapshots/',
        '',
      ),
      name,
      fc.constantFrom('/x.snapshot', '\\x.snapshot', '/shards/0/x', '/x?y', '/x#y', '//x', ''),
    )
    .map((parts) => parts.join('')),
);

/** The bodies that an operation reads, where it reads any that matter. */
const bodies: Readonly<Record<string, Json>> = {
  'points.query': queryBody,
  'points.query_batch': batch(queryBody),
  'points.query_groups': groupsBody,
  'points.search': search,
  'points.search_batch': batch(search),
  'points.search_groups': searchGroups,
  'points.recommend': recommend,
  'points.recommend_batch': batch(recommend),
  'points.recommend_groups': recommendGroups,
  'points.discover': discover,
  'points.discover_batch': batch(discover),
  'points.upsert': object({ points }),
  'points.delete': selection,
  'points.set_payload': payload,
  'points.overwrite_payload': payload,
  'points.update_batch': object({ operations: list(operation) }),
  'points.count': object({ 'filter?': filter }),
  'points.get': object({ ids: raw('[1]') }),
  'points.scroll': object({ 'limit?': raw('3'), 'filter?': filter }),
  'aliases.update': object({ actions: list(aliasAction) }),
  'collections.create': object({
    vectors: raw('{"size":2,"distance":"Dot"}'),
    'init_from?': fc.oneof(object({ collection: reference }), raw('null')),
  }),
  'snapshots.recover': object({ location }),
  'shard_snapshots.recover': object({ location }),
};

/** A body for an operation: mostly its own kind, sometimes another's, sometimes anything. */
export function bodyFor(operationName: string): Json {
  const own = bodies[operationName] ?? fc.oneof(raw('{}', ''), queryBody);
  return fc.oneof(
    { weight: 16, arbitrary: own },
    { weight: 1, arbitrary: fc.oneof(...Object.values(bodies)) },
    { weight: 1, arbitrary: anything },
  );
}
