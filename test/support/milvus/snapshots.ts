import type { Plain } from './messages.ts';
import type { DoubleCall } from './methods.ts';
import {
  collectionOf,
  type DoubleCollection,
  type DoubleSnapshot,
  databaseOf,
  Failure,
  newCollection,
  nextId,
  type TouchKind,
} from './store.ts';

const text = (asked: Plain, name: string) => String(asked[name] ?? '');

/** What is done with snapshots, as the descriptions of 3.0 have it: each is of one collection, and a
 * restored one is another collection, of any database. */
export const snapshotMethods: Readonly<Record<string, (call: DoubleCall) => Plain>> = {
  CreateSnapshot: (call) => {
    const { snapshots, rows } = collectionIn(call, 'read');
    const { asked } = call;
    const description = text(asked, 'description');
    snapshots.set(text(asked, 'name'), { description, rows: new Map(rows) });
    return {};
  },
  DropSnapshot: (call) => {
    collectionIn(call, 'write').snapshots.delete(text(call.asked, 'name'));
    return {};
  },
  ListSnapshots: (call) => ({ snapshots: [...collectionIn(call, 'read').snapshots.keys()] }),
  DescribeSnapshot: (call) => {
    const { description } = snapshotIn(call).snapshot;
    const { asked } = call;
    return { name: asked['name'], description, collection_name: asked['collection_name'] };
  },
  RestoreSnapshot: (call) => {
    const { collection, snapshot } = snapshotIn(call);
    const { store, touch, asked, database } = call;
    const inside = text(asked, 'target_db_name') || database;
    const name = text(asked, 'target_collection_name');
    touch('write', inside, name);
    const { collections } = databaseOf(store, inside);
    if (collections.has(name)) throw new Failure(65535, 'duplicate collection');
    const restored = newCollection(collection.schema);
    collections.set(name, { ...restored, rows: new Map(snapshot.rows) });
    return { job_id: nextId() };
  },
};

function collectionIn({ store, touch, asked, database }: DoubleCall, kind: TouchKind) {
  const { name, collection } = collectionOf(store, database, text(asked, 'collection_name'));
  touch(kind, database, name);
  return collection;
}

function snapshotIn(call: DoubleCall): { collection: DoubleCollection; snapshot: DoubleSnapshot } {
  const collection = collectionIn(call, 'read');
  const snapshot = collection.snapshots.get(text(call.asked, 'name'));
  if (!snapshot) throw new Failure(65535, 'snapshot not found');
  return { collection, snapshot };
}
