import { row } from './define.ts';
import type { Row } from './row.ts';

/** What passes for nobody. */
export const closedRows: readonly Row[] = [
  row('vectors.distance', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/CalcDistance'],
    about: 'server',
    closed: 'it is obsolete, and names collections inside its operands',
  }),
  row('internal.dummy', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/Dummy'],
    about: 'server',
    closed: 'it runs any query that its text spells, past every right',
  }),
  row('internal.register_link', 'never', 'database.internal', {
    grpc: [
      '/milvus.proto.milvus.MilvusService/RegisterLink',
      '/milvus.proto.milvus.ProxyService/RegisterLink',
    ],
    about: 'server',
    closed: 'nobody needs it',
  }),
  row('segments.indexed', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/ListIndexedSegment'],
    about: 'server',
    closed: 'it reads raw index data',
  }),
  row('segments.index_data', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/DescribeSegmentIndexData'],
    about: 'server',
    closed: 'it reads raw index data',
  }),
  row('replicate.message', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/ReplicateMessage'],
    about: 'server',
    closed: 'it writes to the log of the whole server, past every right',
  }),
  row('rls.policies.update', 'admin', 'database.change', {
    grpc: ['/milvus.proto.milvus.MilvusService/UpdateRowPolicy'],
    about: 'server',
    closed: 'no released Milvus serves it',
  }),
  row('rls.principals.set', 'admin', 'database.change', {
    grpc: ['/milvus.proto.milvus.MilvusService/SetRLSPrincipalTags'],
    about: 'server',
    closed: 'no released Milvus serves it',
  }),
  row('rls.principals.get', 'admin', 'database.observe', {
    grpc: ['/milvus.proto.milvus.MilvusService/GetRLSPrincipalTags'],
    about: 'server',
    closed: 'no released Milvus serves it',
  }),
  row('rls.principals.list', 'admin', 'database.observe', {
    grpc: ['/milvus.proto.milvus.MilvusService/ListRLSPrincipals'],
    about: 'server',
    closed: 'no released Milvus serves it',
  }),
  row('rls.principals.delete', 'admin', 'database.change', {
    grpc: ['/milvus.proto.milvus.MilvusService/DeleteRLSPrincipalTags'],
    about: 'server',
    closed: 'no released Milvus serves it',
  }),
  row('replicate.info', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/GetReplicateInfo'],
    about: 'server',
    closed: 'only another cluster asks for it',
  }),
  row('replicate.stream', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/CreateReplicateStream'],
    about: 'server',
    closed: 'it writes to the log of the whole server, unauthenticated by Milvus',
  }),
  row('replicate.dump', 'never', 'database.internal', {
    grpc: ['/milvus.proto.milvus.MilvusService/DumpMessages'],
    about: 'server',
    closed: 'it reads the log of the whole server, unauthenticated by Milvus',
  }),
  row('snapshots.export_state', 'admin', 'snapshot.list', {
    grpc: ['/milvus.proto.milvus.MilvusService/GetExportSnapshotState'],
    about: 'server',
    closed: 'no released Milvus serves it',
  }),
  row('health.watch', 'public', 'database.health', {
    grpc: ['/grpc.health.v1.Health/Watch'],
    about: 'server',
    closed: 'a call that never ends is not passed',
  }),
  row('health.list', 'never', 'database.internal', {
    grpc: ['/grpc.health.v1.Health/List'],
    about: 'server',
    closed: 'no Milvus serves it',
  }),
  row('reflection', 'never', 'database.internal', {
    grpc: [
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
    ],
    about: 'server',
    closed: 'no Milvus serves it',
  }),
  row('internal.proxy', 'never', 'database.internal', {
    grpc: ['/milvus.proto.proxy.Proxy/*'],
    about: 'server',
    closed: 'only components of the cluster call it, on a port of their own',
  }),
];
