import { confinedBy } from './confine.ts';
import { bringsBuckets, countFound, countRead } from './counts.ts';
import { row, rpc } from './define.ts';
import { messages } from './messages.ts';
import type { Row } from './row.ts';
import { judgeRestore } from './targets.ts';

const changes = true;
const beyond = true;
const renames = true;
const literal = true;

/** Partitions, indexes, entities, snapshots, segments. */
export const dataRows: readonly Row[] = [
  row('partitions.create', 'write', 'collection.change', {
    rpc: rpc('CreatePartition', messages.onePartition('CreatePartitionRequest', 'ssss')),
    changes,
  }),
  row('partitions.drop', 'manage', 'collection.change', {
    rpc: rpc('DropPartition', messages.onePartition('DropPartitionRequest', 'ssss')),
    changes,
  }),
  row('partitions.has', 'list', 'collection.list', {
    rpc: rpc('HasPartition', messages.onePartition('HasPartitionRequest', 'ssss')),
  }),
  row('partitions.load', 'write', 'collection.change', {
    rpc: rpc('LoadPartitions', messages.loadPartitions),
    changes,
  }),
  row('partitions.release', 'manage', 'collection.change', {
    rpc: rpc('ReleasePartitions', messages.onePartition('ReleasePartitionsRequest', 'sssS')),
    changes,
  }),
  row('partitions.stats', 'list', 'collection.list', {
    rpc: rpc(
      'GetPartitionStatistics',
      messages.onePartition('GetPartitionStatisticsRequest', 'ssss'),
    ),
  }),
  row('partitions.list', 'list', 'collection.list', {
    rpc: rpc('ShowPartitions', messages.showPartitions),
  }),
  row('namespaces.create', 'write', 'collection.change', {
    rpc: rpc('CreateNamespace', messages.plain('CreateNamespaceRequest', 'ssss')),
    changes,
  }),
  row('namespaces.describe', 'list', 'collection.list', {
    rpc: rpc('DescribeNamespace', messages.plain('DescribeNamespaceRequest', 'ssss')),
  }),
  row('namespaces.list', 'list', 'collection.list', {
    rpc: rpc('ListNamespaces', messages.plain('ListNamespacesRequest', 'ssssvs')),
  }),
  row('namespaces.drop', 'manage', 'collection.change', {
    rpc: rpc('DropNamespace', messages.plain('DropNamespaceRequest', 'ssss')),
    changes,
  }),
  row('namespaces.has', 'list', 'collection.list', {
    rpc: rpc('HasNamespace', messages.plain('HasNamespaceRequest', 'ssss')),
  }),
  row('namespaces.stats', 'list', 'collection.list', {
    rpc: rpc('GetNamespaceStats', messages.plain('GetNamespaceStatsRequest', 'ssssv')),
  }),
  row('indexes.create', 'schema', 'collection.change', {
    rpc: rpc('CreateIndex', messages.plain('CreateIndexRequest', 'ssssSs')),
    changes,
  }),
  row('indexes.alter', 'schema', 'collection.change', {
    rpc: rpc('AlterIndex', messages.plain('AlterIndexRequest', 'ssssSS')),
    changes,
  }),
  row('indexes.describe', 'list', 'collection.list', {
    rpc: rpc('DescribeIndex', messages.plain('DescribeIndexRequest', 'sssssv')),
  }),
  row('indexes.stats', 'list', 'collection.list', {
    rpc: rpc('GetIndexStatistics', messages.plain('GetIndexStatisticsRequest', 'ssssv')),
  }),
  row('indexes.state', 'list', 'collection.list', {
    rpc: rpc('GetIndexState', messages.plain('GetIndexStateRequest', 'sssss')),
  }),
  row('indexes.build_progress', 'list', 'collection.list', {
    rpc: rpc('GetIndexBuildProgress', messages.plain('GetIndexBuildProgressRequest', 'sssss')),
  }),
  row('indexes.drop', 'schema', 'collection.change', {
    rpc: rpc('DropIndex', messages.plain('DropIndexRequest', 'sssss')),
    changes,
  }),
  row('entities.insert', 'write', 'data.upsert', { rpc: rpc('Insert', messages.insert), changes }),
  row('entities.delete', 'write', 'data.delete', { rpc: rpc('Delete', messages.delete), changes }),
  row('entities.upsert', 'write', 'data.upsert', { rpc: rpc('Upsert', messages.upsert), changes }),
  row('entities.search', 'read', 'data.query', {
    rpc: rpc('Search', messages.search),
    countOut: countFound,
    uncounted: bringsBuckets,
    confine: confinedBy('search'),
  }),
  row('entities.hybrid_search', 'read', 'data.query', {
    rpc: rpc('HybridSearch', messages.hybridSearch),
    countOut: countFound,
    confine: confinedBy('hybrid'),
  }),
  row('entities.query', 'read', 'data.query', {
    rpc: rpc('Query', messages.query),
    countOut: countRead,
    confine: confinedBy('query'),
  }),
  row('segments.persistent', 'observe', 'database.observe', {
    rpc: rpc('GetPersistentSegmentInfo', messages.plain('GetPersistentSegmentInfoRequest', 'sss')),
  }),
  row('segments.query', 'observe', 'database.observe', {
    rpc: rpc('GetQuerySegmentInfo', messages.plain('GetQuerySegmentInfoRequest', 'sss')),
  }),
  row('replicas.get', 'observe', 'database.observe', {
    rpc: rpc('GetReplicas', messages.replicas),
  }),
  row('imports.create', 'admin', 'data.upsert', {
    rpc: rpc('Import', messages.import),
    changes,
    beyond,
  }),
  row('imports.list', 'admin', 'database.observe', {
    rpc: rpc('ListImportTasks', messages.listImports),
    about: 'server',
    beyond,
  }),
  row('resource_groups.transfer_replica', 'admin', 'database.change', {
    rpc: rpc('TransferReplica', messages.transferReplica),
    changes,
    beyond,
  }),
  row('rls.policies.create', 'admin', 'database.change', {
    rpc: rpc('CreateRowPolicy', messages.plain('CreateRowPolicyRequest', 'ssssVSsss')),
    changes,
  }),
  row('rls.policies.drop', 'admin', 'database.change', {
    rpc: rpc('DropRowPolicy', messages.plain('DropRowPolicyRequest', 'ssss')),
    changes,
  }),
  row('rls.policies.list', 'admin', 'database.observe', {
    rpc: rpc('ListRowPolicies', messages.plain('ListRowPoliciesRequest', 'sss')),
  }),
  row('snapshots.create', 'export', 'snapshot.create', {
    rpc: rpc('CreateSnapshot', messages.createSnapshot),
    changes,
  }),
  row('snapshots.drop', 'export', 'snapshot.delete', {
    rpc: rpc('DropSnapshot', messages.snapshot('DropSnapshotRequest', 'ssss')),
    changes,
  }),
  row('snapshots.list', 'export', 'snapshot.list', {
    rpc: rpc('ListSnapshots', messages.plain('ListSnapshotsRequest', 'sss')),
  }),
  row('snapshots.describe', 'export', 'snapshot.list', {
    rpc: rpc('DescribeSnapshot', messages.snapshot('DescribeSnapshotRequest', 'ssss')),
  }),
  row('snapshots.restore', 'admin', 'snapshot.recover', {
    rpc: rpc('RestoreSnapshot', messages.restoreSnapshot),
    changes,
    renames,
    judge: judgeRestore,
  }),
  row('snapshots.restore_external', 'admin', 'snapshot.recover', {
    rpc: rpc('RestoreExternalSnapshot', messages.plain('RestoreExternalSnapshotRequest', 'sssss')),
    changes,
    beyond,
    literal,
    renames,
  }),
  row('snapshots.export', 'admin', 'data.export', {
    rpc: rpc('ExportSnapshot', messages.snapshot('ExportSnapshotRequest', 'ssssss')),
    changes,
    beyond,
  }),
  row('snapshots.restore_jobs', 'admin', 'snapshot.list', {
    rpc: rpc('ListRestoreSnapshotJobs', messages.plain('ListRestoreSnapshotJobsRequest', 'sss')),
    about: 'server',
    beyond,
  }),
  row('snapshots.pin', 'admin', 'snapshot.create', {
    rpc: rpc('PinSnapshotData', messages.snapshot('PinSnapshotDataRequest', 'ssssv')),
    changes,
  }),
  row('external.refresh', 'admin', 'database.change', {
    rpc: rpc(
      'RefreshExternalCollection',
      messages.plain('RefreshExternalCollectionRequest', 'sssss'),
    ),
    changes,
    beyond,
  }),
  row('external.list', 'admin', 'database.observe', {
    rpc: rpc(
      'ListRefreshExternalCollectionJobs',
      messages.plain('ListRefreshExternalCollectionJobsRequest', 'sss'),
    ),
    about: 'server',
    beyond,
  }),
];
