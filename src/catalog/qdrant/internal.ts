import { row, rpc } from './define.ts';
import { messages } from './messages.ts';
import type { Row } from './row.ts';

/** Raw reads of a shard's files, on the public port since 1.18. */
export const storageCalls: readonly Row[] = [
  ['list_files', 'ListFiles'],
  ['file_exists', 'FileExists'],
  ['file_length', 'FileLength'],
  ['read_bytes', 'ReadBytes'],
  ['read_bytes_stream', 'ReadBytesStream'],
  ['read_whole', 'ReadWhole'],
  ['read_batch', 'ReadBatch'],
].map(([name, method]) =>
  row(`storage.${name}`, 'never', 'database.internal', {
    rpc: rpc(`StorageRead/${method}`),
    closed: 'it reads the files under a collection, past everything that is judged',
  }),
);

const peerServices: Readonly<Record<string, string>> = {
  CollectionsInternal:
    'Get Initiate WaitForShardState GetShardRecoveryPoint UpdateShardCutoffPoint ' +
    'GetShardOptimizations GetShardMemoryReport',
  PointsInternal:
    'Upsert Sync Delete UpdateVectors DeleteVectors SetPayload OverwritePayload DeletePayload ' +
    'ClearPayload CreateFieldIndex DeleteFieldIndex CreateVectorName DeleteVectorName ' +
    'UpdateBatch CoreSearchBatch Scroll Count Recommend Get QueryBatch Facet',
  QdrantInternal: 'GetConsensusCommit WaitOnConsensusCommit GetTelemetry GetAuditLog GetQuotaUsage',
  Raft: 'Send WhoIs AddPeerToKnown AddPeerAsParticipant',
  ShardSnapshots: 'Create List Delete Recover',
};

/** What peers of a cluster say to each other on port 6335, which is never reached from here. */
export const internalCalls: readonly Row[] = [
  ...Object.entries(peerServices).flatMap(([service, methods]) =>
    methods.split(' ').map((method) =>
      row(`internal.${service.toLowerCase()}.${method}`, 'never', 'database.internal', {
        rpc: rpc(`${service}/${method}`),
        closed: 'only peers of the cluster call it, on a port of their own',
      }),
    ),
  ),
  {
    ...row('internal.healthcheck', 'never', 'database.internal', {
      closed: 'only peers of the cluster call it, on a port of their own',
    }),
    grpc: [rpc('Qdrant/HealthCheck', messages.empty).path],
  },
];
