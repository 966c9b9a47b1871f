import type { Shape } from '../reading/shape.ts';

/** The operations that may stand in a batch of updates: their member in REST, and their name. */
export const updates = new Map([
  ['upsert', 'points.upsert'],
  ['delete', 'points.delete'],
  ['set_payload', 'points.set_payload'],
  ['overwrite_payload', 'points.overwrite_payload'],
  ['delete_payload', 'points.delete_payload'],
  ['clear_payload', 'points.clear_payload'],
  ['update_vectors', 'points.update_vectors'],
  ['delete_vectors', 'points.delete_vectors'],
]);

function object(what: string, members: Record<string, Shape>, more: Partial<Shape> = {}): Shape {
  return { what, members: new Map(Object.entries(members)), ...more };
}

function list(what: string, items: Shape): Shape {
  return { what, items };
}

function text(what: string, mark: string): Shape {
  return { what, text: true, mark };
}

/** lib/api/src/rest/schema.rs, LookupLocation: where vectors of point ids are looked up. */
const lookupFrom = object(
  'lookup_from',
  { collection: text('lookup_from.collection', 'lookup') },
  { nullable: true, needed: ['collection'] },
);

/** WithLookupInterface: the collection's name alone, or an object with it. */
const withLookup = object(
  'with_lookup',
  { collection: text('with_lookup.collection', 'lookup') },
  { nullable: true, needed: ['collection'], text: true, mark: 'lookup' },
);

/** Prefetch, which may stand alone or in an array and holds prefetches in turn. */
const prefetch: Shape = (() => {
  const members = new Map<string, Shape>();
  const one: Shape = { what: 'a prefetch', members };
  const oneOrMany: Shape = { what: 'prefetch', members, items: one, nullable: true };
  members.set('prefetch', oneOrMany).set('lookup_from', lookupFrom);
  return oneOrMany;
})();

const query = object('the body', { prefetch, lookup_from: lookupFrom });
const lookingUp = object('the body', { lookup_from: lookupFrom });

function searches(one: Shape): Shape {
  const items = list('searches', { ...one, what: 'a search' });
  return object('the body', { searches: items }, { needed: ['searches'] });
}

const payload: Shape = { what: 'a payload', free: true };
const points = object('upsert', {
  points: list('points', object('a point', { payload })),
  batch: object('batch', { payloads: { what: 'payloads', free: true } }),
});

function update(member: string, mark: string): [string, Shape] {
  const members = member === 'upsert' ? (points.members as Map<string, Shape>) : new Map();
  const carriesPayload = member === 'set_payload' || member === 'overwrite_payload';
  if (carriesPayload) members.set('payload', payload);
  return [member, { what: member, members, mark }];
}

const updateOperation: Shape = {
  what: 'an operation',
  only: true,
  members: new Map([...updates].map(([member, mark]) => update(member, mark))),
};

const alias = (mark: string) => text('an alias name', mark);
const aliasAction = object(
  'an action',
  {
    create_alias: object(
      'create_alias',
      { collection_name: text('collection_name', 'target'), alias_name: alias('new-alias') },
      { needed: ['collection_name', 'alias_name'] },
    ),
    rename_alias: object(
      'rename_alias',
      { old_alias_name: alias('alias'), new_alias_name: alias('new-alias') },
      { needed: ['old_alias_name', 'new_alias_name'] },
    ),
    delete_alias: object(
      'delete_alias',
      { alias_name: alias('alias') },
      { needed: ['alias_name'] },
    ),
  },
  { only: true },
);

/** The bodies that may name collections, each as Qdrant's REST schema has it (1.19). */
export const shapes = {
  query,
  queryBatch: searches(query),
  queryGroups: object('the body', {
    prefetch,
    lookup_from: lookupFrom,
    with_lookup: withLookup,
  }),
  lookingUp,
  lookingUpBatch: searches(lookingUp),
  lookingUpGroups: object('the body', { lookup_from: lookupFrom, with_lookup: withLookup }),
  searchGroups: object('the body', { with_lookup: withLookup }),
  updateBatch: object(
    'the body',
    { operations: list('operations', updateOperation) },
    { needed: ['operations'] },
  ),
  aliases: object('the body', { actions: list('actions', aliasAction) }, { needed: ['actions'] }),
  /** Servers before 1.16 fill a new collection from another one that `init_from` names. */
  createCollection: object('the body', {
    init_from: { what: 'init_from', forbidden: true },
    metadata: { what: 'metadata', free: true, nullable: true },
  }),
  recover: object('the body', { location: text('location', 'location') }, { needed: ['location'] }),
} as const satisfies Record<string, Shape>;

/** The words without one of which an object holds no reference, for each kind of body. */
export const referenceWords = {
  lookups: [Buffer.from('lookup')],
  queries: [Buffer.from('lookup'), Buffer.from('prefetch')],
  creation: [Buffer.from('init_from')],
  always: [],
} as const satisfies Record<string, readonly Buffer[]>;
