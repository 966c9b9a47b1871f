import { collections } from '../store/collections.ts';
import { reached } from '../store/storage.ts';
import { named, namedAnew } from './checks.ts';
import { collectionOf, type Methods, method, nameOf } from './method.ts';
import { changedSectionsOf, givenConfigOf } from './read-collections.ts';
import { collectionInfo } from './shown-collection.ts';

/** The message that most changes of collections are answered with. */
export const collectionAnswer = 'CollectionOperationResponse';

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
    (session, message) => ({ result: collectionInfo(collectionOf(session, message)) }),
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
