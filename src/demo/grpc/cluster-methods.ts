import { Failure } from '../failure.ts';
import { peerId } from '../store/snapshot.ts';
import { reached } from '../store/storage.ts';
import { collectionOf, type Method, type Methods, method, nameOf } from './method.ts';

function refusing(operation: string, request: string, response: string): Method {
  return method(operation, 'manage', [request, response], (session, message) => {
    reached(session, nameOf(message));
    throw new Failure('badRequest', 'Distributed mode disabled');
  });
}

/** Methods for the state of a cluster, most of which only a cluster has. */
export const clusterMethods: Methods = {
  '/qdrant.Collections/CollectionClusterInfo': method(
    'collections.cluster_info',
    'read',
    ['CollectionClusterInfoRequest', 'CollectionClusterInfoResponse'],
    (session, message) => ({
      peer_id: peerId,
      shard_count: 1,
      local_shards: [
        { shard_id: 0, points_count: collectionOf(session, message).points.size, state: 0 },
      ],
      time: 0,
    }),
  ),
  '/qdrant.Collections/UpdateCollectionClusterSetup': refusing(
    'collections.cluster_update',
    'UpdateCollectionClusterSetupRequest',
    'UpdateCollectionClusterSetupResponse',
  ),
  '/qdrant.Collections/CreateShardKey': refusing(
    'shard_keys.create',
    'CreateShardKeyRequest',
    'CreateShardKeyResponse',
  ),
  '/qdrant.Collections/DeleteShardKey': refusing(
    'shard_keys.delete',
    'DeleteShardKeyRequest',
    'DeleteShardKeyResponse',
  ),
  '/qdrant.Collections/ListShardKeys': method(
    'shard_keys.list',
    'read',
    ['ListShardKeysRequest', 'ListShardKeysResponse'],
    (session, message) => {
      collectionOf(session, message);
      return { shard_keys: [] };
    },
  ),
};
