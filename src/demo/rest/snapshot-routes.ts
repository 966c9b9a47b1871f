import { Failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { headerOf } from '../http/head.ts';
import { scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { Json } from '../json/write.ts';
import { newSnapshot, type Snapshot, snapshotBytes } from '../store/snapshot.ts';
import { dropSnapshot, keptSnapshot, type SnapshotHolder } from '../store/snapshots.ts';
import { collectionNamed } from '../store/storage.ts';
import { answering, type Call, type Reply, type Route, route } from './route.ts';

const of = '/collections/{collection_name}';
const reading = { access: 'read' } as const;
const managing = { access: 'manage', parameters: ['wait'] } as const;
const uploading = {
  access: 'manage',
  parameters: ['wait', 'priority', 'checksum'],
  streams: true,
  plainErrors: true,
} as const;

type Holder = (call: Call<unknown>) => SnapshotHolder;

const collectionHolder: Holder = ({ session, collection }) => collectionNamed(session, collection);

/** The snapshots of everything: whoever reaches them reaches every collection. */
const fullHolder: Holder = ({ session: { storage, touched } }) => {
  for (const name of storage.collections.keys()) touched.add(name);
  return { name: 'full-snapshot', snapshots: storage.snapshots };
};

function shown({ name, createdAt, size, checksum }: Snapshot): Json {
  return { name, creation_time: createdAt, size, checksum };
}

function holding(kind: string, path: string, holder: Holder, name = 'snapshot_name'): Route[] {
  return [
    route(`${kind}.list`, `GET ${path}`, reading, (call) =>
      [...holder(call).snapshots.values()].map(shown),
    ),
    answering(`${kind}.create`, `POST ${path}`, managing, (call) => {
      const made = keptSnapshot(holder(call), call.session.storage.snapshotBytes);
      return call.parameters.wait === false ? accepted : { result: shown(made) };
    }),
    answering(
      `${kind}.download`,
      `GET ${path}/{${name}}`,
      { access: 'read', plainErrors: true },
      (call) => ({ answer: download(holder(call).snapshots, call, call.path[name] ?? '') }),
    ),
    route(`${kind}.delete`, `DELETE ${path}/{${name}}`, managing, (call) => {
      dropSnapshot(holder(call).snapshots, call.path[name] ?? '');
      return true;
    }),
  ];
}

const accepted: Reply = {
  answer: {
    status: 202,
    headers: [['content-type', 'application/json']],
    body: '{"status":"accepted","time":0.0}',
  },
};

const recovery = struct('SnapshotRecover', {
  location: field.required(scalars.string),
  priority: field.spare(scalars.string),
  checksum: field.spare(scalars.string),
  api_key: field.spare(scalars.string),
});

function recovering(operation: string, path: string): Route {
  const wishes = { ...managing, body: recovery };
  return route(
    operation,
    `PUT ${path}/snapshots/recover`,
    wishes,
    ({ session, collection, body }) => {
      session.touched.add(session.storage.aliases.get(collection) ?? collection);
      if (/^file:/i.test(body.location)) {
        const message = 'Snapshot file path must be inside the snapshots directory';
        throw new Failure('forbidden', `${message} "/qdrant/snapshots"`);
      }
      throw new Failure('notBuilt', 'recovering a snapshot');
    },
  );
}

/** Takes a snapshot in, counts its bytes, and keeps one of that size. */
function uploads(operation: string, path: string): Route {
  return route(operation, `POST ${path}/snapshots/upload`, uploading, async (call) => {
    const { session, collection, head, stream } = call;
    const found = collectionNamed(session, collection);
    if (!/^multipart\/form-data\b/i.test(headerOf(head, 'content-type') ?? '')) {
      throw new Failure('malformed', 'Could not find Content-Type header');
    }
    let bytes = 0;
    for await (const chunk of stream.chunks) bytes += chunk.length;
    keptSnapshot(found, bytes);
    return true;
  });
}

/** Routes for the snapshots of a collection, of its shard, and of everything. */
export const snapshotRoutes: readonly Route[] = [
  uploads('snapshots.upload', of),
  uploads('shard_snapshots.upload', `${of}/shards/{shard}`),
  recovering('snapshots.recover', of),
  recovering('shard_snapshots.recover', `${of}/shards/{shard}`),
  ...holding('snapshots', `${of}/snapshots`, collectionHolder),
  ...holding('full_snapshots', '/snapshots', fullHolder),
  ...holding('shard_snapshots', `${of}/shards/{shard}/snapshots`, collectionHolder, 'snapshot'),
  answering('shard_snapshots.stream', `GET ${of}/shards/{shard}/snapshot`, managing, (call) => {
    const { name, snapshots } = collectionHolder(call);
    const made = newSnapshot(name, call.session.storage.snapshotBytes, new Date());
    return { answer: download(new Map([...snapshots, [made.name, made]]), call, made.name) };
  }),
];

function download(
  snapshots: ReadonlyMap<string, Snapshot>,
  { head }: Call<unknown>,
  name: string,
): Answer {
  const snapshot = snapshots.get(name);
  if (!snapshot) throw new Failure('notFound', `Snapshot ${name} not found`);
  const { size } = snapshot;
  const range = /^bytes=(\d+)-(\d*)$/.exec(headerOf(head, 'range') ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(size, range?.[2] ? Number(range[2]) + 1 : size);
  const partial = range !== null && start < end;
  const [from, to] = partial ? [start, end] : [0, size];
  return {
    status: partial ? 206 : 200,
    headers: [
      ['content-type', 'application/octet-stream'],
      ['content-disposition', `attachment; filename="${name}"`],
      ['accept-ranges', 'bytes'],
      ...(partial ? [['content-range', `bytes ${from}-${to - 1}/${size}`] as const] : []),
    ],
    body: { length: to - from, chunks: snapshotBytes(from, to) },
  };
}
