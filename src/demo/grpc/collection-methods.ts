import { Failure } from '../failure.ts';
import { aliasesOf, changeAliases } from '../store/aliases.ts';
import { collections } from '../store/collections.ts';
import { peerId } from '../store/snapshot.ts';
import { dropSnapshot, keptSnapshot } from '../store/snapshots.ts';
import { collectionNamed, reached, type Session } from '../store/storage.ts';
import { named, namedAnew } from './checks.ts';
import { get, type Message } from './message.ts';
import type { Check, Method, Methods } from './method.ts';
import {
  aliasActionOf,
  changedSectionsOf,
  fieldIndexOf,
  givenConfigOf,
  newVectorOf,
} from './read-collections.ts';
import { collectionInfo, snapshotShown } from './shown.ts';

type Access = Method['access'];

function method(
  operation: string,
  access: Access,
  [request, response]: readonly [string, string],
  run: Method['run'],
  checks: readonly Check[] = [],
): Method {
  return { operation, request, response, access, checks, run };
}

function nameOf(message: Message): string {
  return get.text(message, 'collection_name');
}

function of(session: Session, message: Message) {
  return collectionNamed(session, nameOf(message));
}

const collectionAnswer = 'CollectionOperationResponse';

/** Methods for collections as a whole. */
export const collectionMethods: Methods = {
  '/qdrant.Collections/List': method(
    'collections.list',
    'read',
    ['ListCollectionsRequest', 'ListCollectionsResponse'],
    ({ storage, touched }) => {
      const names = [...storage.collections.keys()].sort();
      for (const name of names) touched.add(name);
      return { collections: names.map((name) => ({ name })) };
    },
  ),
  '/qdrant.Collections/Get': method(
    'collections.get',
    'read',
    ['GetCollectionInfoRequest', 'GetCollectionInfoResponse'],
    (session, message) => ({ result: collectionInfo(of(session, message)) }),
    [named],
  ),
  '/qdrant.Collections/CollectionExists': method(
    'collections.exists',
    'read',
    ['CollectionExistsRequest', 'CollectionExistsResponse'],
    (session, message) => ({
      result: { exists: reached(session, nameOf(message)) !== undefined },
    }),
    [named],
  ),
  '/qdrant.Collections/Create': method(
    'collections.create',
    'manage',
    ['CreateCollection', collectionAnswer],
    (session, message) => {
      collections.create(session, nameOf(message), givenConfigOf(message));
      return { result: true };
    },
    [namedAnew],
  ),
  '/qdrant.Collections/Update': method(
    'collections.update',
    'manage',
    ['UpdateCollection', collectionAnswer],
    (session, message) => {
      collections.update(session, nameOf(message), changedSectionsOf(message));
      return { result: true };
    },
    [named],
  ),
  '/qdrant.Collections/Delete': method(
    'collections.delete',
    'manage',
    ['DeleteCollection', collectionAnswer],
    (session, message) => ({ result: collections.drop(session, nameOf(message)) }),
    [named],
  ),
};

function aliases(found: readonly (readonly [string, string])[]): Message {
  return {
    aliases: found.map(([alias_name, collection_name]) => ({ alias_name, collection_name })),
  };
}

/** Methods for aliases. */
export const aliasMethods: Methods = {
  '/qdrant.Collections/UpdateAliases': method(
    'aliases.update',
    'manage',
    ['ChangeAliases', collectionAnswer],
    (session, message) => {
      changeAliases(session, get.list(message, 'actions').map(aliasActionOf));
      return { result: true };
    },
  ),
  '/qdrant.Collections/ListAliases': method(
    'aliases.list',
    'read',
    ['ListAliasesRequest', 'ListAliasesResponse'],
    (session) => aliases(aliasesOf(session)),
  ),
  '/qdrant.Collections/ListCollectionAliases': method(
    'aliases.list_collection',
    'read',
    ['ListCollectionAliasesRequest', 'ListAliasesResponse'],
    (session, message) => aliases(aliasesOf(session, nameOf(message))),
    [named],
  ),
};

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
      local_shards: [{ shard_id: 0, points_count: of(session, message).points.size, state: 0 }],
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
      of(session, message);
      return { shard_keys: [] };
    },
  ),
};

function changingSchema(
  operation: string,
  request: string,
  change: (session: Session, message: Message) => number,
): Method {
  const run: Method['run'] = (session, message) => {
    const status = get.flag(message, 'wait') ? 2 : 1;
    return { result: { operation_id: change(session, message), status }, usage: {} };
  };
  return method(operation, 'manage', [request, 'PointsOperationResponse'], run, [named]);
}

/** Methods for payload indexes and vector names. */
export const schemaMethods: Methods = {
  '/qdrant.Points/CreateFieldIndex': changingSchema(
    'index.create',
    'CreateFieldIndexCollection',
    (session, message) => {
      const key = get.text(message, 'field_name');
      return collections.index(session, nameOf(message), key, fieldIndexOf(message));
    },
  ),
  '/qdrant.Points/DeleteFieldIndex': changingSchema(
    'index.delete',
    'DeleteFieldIndexCollection',
    (session, message) =>
      collections.dropIndex(session, nameOf(message), get.text(message, 'field_name')),
  ),
  '/qdrant.Points/CreateVectorName': changingSchema(
    'vector_names.create',
    'CreateVectorNameRequest',
    (session, message) => {
      const name = get.text(message, 'vector_name');
      return collections.addVector(session, nameOf(message), name, newVectorOf(message));
    },
  ),
  '/qdrant.Points/DeleteVectorName': changingSchema(
    'vector_names.delete',
    'DeleteVectorNameRequest',
    (session, message) =>
      collections.dropVector(session, nameOf(message), get.text(message, 'vector_name')),
  ),
};

const snapshotMessages = {
  create: 'CreateSnapshotResponse',
  list: 'ListSnapshotsResponse',
  delete: 'DeleteSnapshotResponse',
} as const;

/** Methods for the snapshots of a collection, and of everything. */
export const snapshotMethods: Methods = {
  ...holding('snapshots', '', (session, message) => of(session, message), [named]),
  ...holding(
    'full_snapshots',
    'Full',
    ({ storage, touched }) => {
      for (const name of storage.collections.keys()) touched.add(name);
      return { name: 'full-snapshot', snapshots: storage.snapshots };
    },
    [],
  ),
};

function holding(
  kind: string,
  infix: string,
  holder: (session: Session, message: Message) => Parameters<typeof keptSnapshot>[0],
  checks: readonly Check[],
): Methods {
  const { create, list, delete: drop } = snapshotMessages;
  return {
    [`/qdrant.Snapshots/Create${infix}`]: method(
      `${kind}.create`,
      'manage',
      [`Create${infix}SnapshotRequest`, create],
      (session, message) => {
        const made = keptSnapshot(holder(session, message), session.storage.snapshotBytes);
        return { snapshot_description: snapshotShown(made) };
      },
      checks,
    ),
    [`/qdrant.Snapshots/List${infix}`]: method(
      `${kind}.list`,
      'read',
      [`List${infix}SnapshotsRequest`, list],
      (session, message) => ({
        snapshot_descriptions: [...holder(session, message).snapshots.values()].map(snapshotShown),
      }),
      checks,
    ),
    [`/qdrant.Snapshots/Delete${infix}`]: method(
      `${kind}.delete`,
      'manage',
      [`Delete${infix}SnapshotRequest`, drop],
      (session, message) => {
        dropSnapshot(holder(session, message).snapshots, get.text(message, 'snapshot_name'));
        return {};
      },
      checks,
    ),
  };
}
