import { collections } from '../store/collections.ts';
import { peerId } from '../store/snapshot.ts';
import { reached } from '../store/storage.ts';
import { collectionOf } from './call.ts';
import { createRequest, updateRequest } from './collections.ts';
import { type Route, route, usual } from './route.ts';
import { collectionInfo } from './shown-collection.ts';

/** Routes for collections as a whole. */
export const collectionRoutes: readonly Route[] = [
  route('collections.list', 'GET /collections', usual.reading, ({ session }) => {
    const names = [...session.storage.collections.keys()].sort();
    for (const name of names) session.touched.add(name);
    return { collections: names.map((name) => ({ name })) };
  }),
  route('collections.get', `GET ${usual.path}`, usual.reading, (call) =>
    collectionInfo(collectionOf(call)),
  ),
  route(
    'collections.exists',
    `GET ${usual.path}/exists`,
    usual.reading,
    ({ session, collection }) => ({
      exists: reached(session, collection) !== undefined,
    }),
  ),
  route(
    'collections.create',
    `PUT ${usual.path}`,
    { ...usual.managing, body: createRequest },
    (call) => {
      collections.create(call.session, call.collection, call.body);
      return true;
    },
  ),
  route(
    'collections.update',
    `PATCH ${usual.path}`,
    { ...usual.managing, body: updateRequest },
    (call) => {
      collections.update(call.session, call.collection, call.body);
      return true;
    },
  ),
  route('collections.delete', `DELETE ${usual.path}`, usual.managing, ({ session, collection }) =>
    collections.drop(session, collection),
  ),
  route('collections.cluster_info', `GET ${usual.path}/cluster`, usual.reading, (call) => ({
    peer_id: peerId,
    shard_count: 1,
    local_shards: [{ shard_id: 0, points_count: collectionOf(call).points.size, state: 'Active' }],
    remote_shards: [],
    shard_transfers: [],
  })),
  route('collections.optimizations', `GET ${usual.path}/optimizations`, usual.reading, (call) => {
    const queued = { queued_optimizations: 0, queued_segments: 0, queued_points: 0 };
    collectionOf(call);
    return { summary: { ...queued, idle_segments: 2 }, running: [] };
  }),
];
