import { Failure } from '../failure.ts';
import { type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import { reached } from '../store/storage.ts';
import { collectionOf } from './call.ts';
import { type Route, route, usual } from './route.ts';

const shardKey = struct('CreateShardingKey', { shard_key: field.required(scalars.ignored) });

/** What only a cluster can do. */
export const clusterRoutes: readonly Route[] = [
  refusing('collections.cluster_update', `POST ${usual.path}/cluster`, scalars.ignored),
  refusing('shard_keys.create', `PUT ${usual.path}/shards`, shardKey),
  refusing('shard_keys.delete', `POST ${usual.path}/shards/delete`, shardKey),
  route('shard_keys.list', `GET ${usual.path}/shards`, usual.reading, (call) => {
    collectionOf(call);
    return { shard_keys: [] };
  }),
];

function refusing(name: string, line: string, body: Read<unknown>): Route {
  return route(name, line, { ...usual.managing, body }, ({ session, collection }) => {
    reached(session, collection);
    throw new Failure('badRequest', 'Distributed mode disabled');
  });
}
