import { Failure } from '../failure.ts';
import type { Read } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { Json } from '../json/write.ts';
import { aliasesOf, changeAliases } from '../store/aliases.ts';
import { collections } from '../store/collections.ts';
import { peerId } from '../store/snapshot.ts';
import { collectionNamed, reached } from '../store/storage.ts';
import { aliasChanges } from './aliases.ts';
import { createRequest, indexRequest, updateRequest, vectorNameRequest } from './collections.ts';
import { updated } from './point-routes.ts';
import { type Call, known, type Route, route } from './route.ts';
import { collectionInfo } from './shown.ts';

const base = '/collections/{collection_name}';
const reading = { access: 'read' } as const;
const managing = { access: 'manage', parameters: known.timeout } as const;
const writing = { access: 'manage', parameters: known.writing } as const;
const anything: Read<unknown> = () => true;

function named(call: Call<unknown>) {
  return collectionNamed(call.session, call.collection);
}

function aliases(found: readonly (readonly [string, string])[]): Json {
  const shown = found.map(([alias, of]) => ({ alias_name: alias, collection_name: of }));
  return { aliases: shown };
}

/** Routes for collections as a whole. */
export const collectionRoutes: readonly Route[] = [
  route('collections.list', 'GET /collections', reading, ({ session }) => {
    const names = [...session.storage.collections.keys()].sort();
    for (const name of names) session.touched.add(name);
    return { collections: names.map((name) => ({ name })) };
  }),
  route('collections.get', `GET ${base}`, reading, (call) => collectionInfo(named(call))),
  route('collections.exists', `GET ${base}/exists`, reading, ({ session, collection }) => ({
    exists: reached(session, collection) !== undefined,
  })),
  route('collections.create', `PUT ${base}`, { ...managing, body: createRequest }, (call) => {
    collections.create(call.session, call.collection, call.body);
    return true;
  }),
  route('collections.update', `PATCH ${base}`, { ...managing, body: updateRequest }, (call) => {
    collections.update(call.session, call.collection, call.body);
    return true;
  }),
  route('collections.delete', `DELETE ${base}`, managing, ({ session, collection }) =>
    collections.drop(session, collection),
  ),
  route('collections.cluster_info', `GET ${base}/cluster`, reading, (call) => ({
    peer_id: peerId,
    shard_count: 1,
    local_shards: [{ shard_id: 0, points_count: named(call).points.size, state: 'Active' }],
    remote_shards: [],
    shard_transfers: [],
  })),
  route('collections.optimizations', `GET ${base}/optimizations`, reading, (call) => {
    const queued = { queued_optimizations: 0, queued_segments: 0, queued_points: 0 };
    named(call);
    return { summary: { ...queued, idle_segments: 2 }, running: [] };
  }),
];

/** Routes for aliases. */
export const aliasRoutes: readonly Route[] = [
  // Stands before the routes of a collection: one called `aliases` is not meant here.
  route(
    'aliases.update',
    'POST /collections/aliases',
    { ...managing, body: aliasChanges },
    (call) => {
      changeAliases(call.session, call.body);
      return true;
    },
  ),
  route('aliases.list', 'GET /aliases', reading, ({ session }) => aliases(aliasesOf(session))),
  route('aliases.list_collection', `GET ${base}/aliases`, reading, ({ session, collection }) =>
    aliases(aliasesOf(session, collection)),
  ),
];

/** Routes for payload indexes and vector names. */
export const schemaRoutes: readonly Route[] = [
  route('index.create', `PUT ${base}/index`, { ...writing, body: indexRequest }, (call) => {
    const { key, index } = call.body;
    return updated(call, collections.index(call.session, call.collection, key, index));
  }),
  route('index.delete', `DELETE ${base}/index/{field_name}`, writing, (call) => {
    const key = call.path['field_name'] ?? '';
    return updated(call, collections.dropIndex(call.session, call.collection, key));
  }),
  route(
    'vector_names.create',
    `PUT ${base}/vectors/{vector_name}`,
    { ...writing, body: vectorNameRequest },
    (call) => {
      const name = call.path['vector_name'] ?? '';
      return updated(call, collections.addVector(call.session, call.collection, name, call.body));
    },
  ),
  route('vector_names.delete', `DELETE ${base}/vectors/{vector_name}`, writing, (call) => {
    const name = call.path['vector_name'] ?? '';
    return updated(call, collections.dropVector(call.session, call.collection, name));
  }),
];

const shardKey = struct('CreateShardingKey', { shard_key: field.required(anything) });

/** What only a cluster can do. */
export const clusterRoutes: readonly Route[] = [
  refusing('collections.cluster_update', `POST ${base}/cluster`, anything),
  refusing('shard_keys.create', `PUT ${base}/shards`, shardKey),
  refusing('shard_keys.delete', `POST ${base}/shards/delete`, shardKey),
  route('shard_keys.list', `GET ${base}/shards`, reading, (call) => {
    named(call);
    return { shard_keys: [] };
  }),
];

function refusing(name: string, line: string, body: Read<unknown>): Route {
  return route(name, line, { ...managing, body }, ({ session, collection }) => {
    reached(session, collection);
    throw new Failure('badRequest', 'Distributed mode disabled');
  });
}
