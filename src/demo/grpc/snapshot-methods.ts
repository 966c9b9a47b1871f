import { dropSnapshot, keptSnapshot, type SnapshotHolder } from '../store/snapshots.ts';
import type { Session } from '../store/storage.ts';
import { named } from './checks.ts';
import { get, type Message } from './message.ts';
import { type Check, collectionOf, type Method, type Methods, method } from './method.ts';
import { snapshotShown } from './shown-collection.ts';

type Holder = (session: Session, message: Message) => SnapshotHolder;

const everything: Holder = ({ storage, touched }) => {
  for (const name of storage.collections.keys()) touched.add(name);
  return { name: 'full-snapshot', snapshots: storage.snapshots };
};

/** Methods for the snapshots of a collection, and of everything. */
export const snapshotMethods: Methods = {
  ...holding('snapshots', '', collectionOf, [named]),
  ...holding('full_snapshots', 'Full', everything, []),
};

function holding(kind: string, infix: string, holder: Holder, checks: readonly Check[]): Methods {
  const create: Method['run'] = (session, message) => {
    const made = keptSnapshot(holder(session, message), session.storage.snapshotBytes);
    return { snapshot_description: snapshotShown(made) };
  };
  const list: Method['run'] = (session, message) => {
    const { snapshots } = holder(session, message);
    return { snapshot_descriptions: [...snapshots.values()].map(snapshotShown) };
  };
  const drop: Method['run'] = (session, message) => {
    dropSnapshot(holder(session, message).snapshots, get.text(message, 'snapshot_name'));
    return {};
  };
  const declared = [
    ['Create', 'manage', '', create],
    ['List', 'read', 's', list],
    ['Delete', 'manage', '', drop],
  ] as const;
  const methods = declared.map(([verb, access, plural, run]) => {
    const request = `${verb}${infix}Snapshot${plural}Request`;
    const messages = [request, `${verb}Snapshot${plural}Response`] as const;
    const made = method(`${kind}.${verb.toLowerCase()}`, access, messages, run, checks);
    return [`/qdrant.Snapshots/${verb}${infix}`, made] as const;
  });
  return Object.fromEntries(methods);
}
