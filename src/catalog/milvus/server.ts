import { trims } from './answers.ts';
import { row, rpc } from './define.ts';
import { answerAlive, answerHeartbeat } from './local.ts';
import { messages } from './messages.ts';
import type { Row } from './row.ts';

const changes = true;
const beyond = true;
const renames = true;
const free = true;
const ownDatabase = true;

/** Databases, users, and the server as a whole. */
export const serverRows: readonly Row[] = [
  row('prewarm.describe', 'admin', 'database.observe', {
    rpc: rpc('DescribePrewarmTask', messages.wide('DescribePrewarmTaskRequest', 'ss')),
    about: 'server',
  }),
  row('cluster.flush_all', 'admin', 'database.change', {
    rpc: rpc('FlushAll', messages.wide('FlushAllRequest', 'ssS')),
    about: 'server',
    changes,
  }),
  row('cluster.flush_all_state', 'admin', 'database.observe', {
    rpc: rpc('GetFlushAllState', messages.wide('GetFlushAllStateRequest', 'svsSS')),
    about: 'server',
  }),
  row('cluster.metrics', 'admin', 'database.observe', {
    rpc: rpc('GetMetrics', messages.wide('GetMetricsRequest', 'ss')),
    about: 'server',
  }),
  row('cluster.component_states', 'observe', 'database.observe', {
    rpc: rpc('GetComponentStates', messages.wide('GetComponentStatesRequest', '', false)),
    about: 'server',
  }),
  row('cluster.load_balance', 'admin', 'database.change', {
    rpc: rpc('LoadBalance', messages.loadBalance),
    changes,
    beyond,
  }),
  row('compaction.state', 'observe', 'database.observe', {
    rpc: rpc('GetCompactionState', messages.wide('GetCompactionStateRequest', 'v', false)),
    about: 'server',
    beyond,
  }),
  row('compaction.plans', 'admin', 'database.observe', {
    rpc: rpc('GetCompactionStateWithPlans', messages.wide('GetCompactionPlansRequest', 'v', false)),
    about: 'server',
  }),
  row('imports.state', 'admin', 'database.observe', {
    rpc: rpc('GetImportState', messages.wide('GetImportStateRequest', 'v', false)),
    about: 'server',
  }),
  row('users.create', 'admin', 'database.change', {
    rpc: rpc('CreateCredential', messages.wide('CreateCredentialRequest', 'sssvvs')),
    about: 'server',
    changes,
  }),
  row('users.update_password', 'admin', 'database.change', {
    rpc: rpc('UpdateCredential', messages.wide('UpdateCredentialRequest', 'ssssvvs')),
    about: 'server',
    changes,
  }),
  row('users.drop', 'admin', 'database.change', {
    rpc: rpc('DeleteCredential', messages.wide('DeleteCredentialRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('users.list', 'admin', 'database.observe', {
    rpc: rpc('ListCredUsers', messages.wide('ListCredUsersRequest', 's')),
    about: 'server',
  }),
  row('roles.create', 'admin', 'database.change', {
    rpc: rpc('CreateRole', messages.wide('CreateRoleRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('roles.alter', 'admin', 'database.change', {
    rpc: rpc('AlterRole', messages.wide('AlterRoleRequest', 'sss')),
    about: 'server',
    changes,
  }),
  row('roles.drop', 'admin', 'database.change', {
    rpc: rpc('DropRole', messages.wide('DropRoleRequest', 'ssv')),
    about: 'server',
    changes,
  }),
  row('users.operate_role', 'admin', 'database.change', {
    rpc: rpc('OperateUserRole', messages.wide('OperateUserRoleRequest', 'sssv')),
    about: 'server',
    changes,
  }),
  row('roles.list', 'admin', 'database.observe', {
    rpc: rpc('SelectRole', messages.wide('SelectRoleRequest', 'ssv')),
    about: 'server',
  }),
  row('users.describe', 'admin', 'database.observe', {
    rpc: rpc('SelectUser', messages.wide('SelectUserRequest', 'ssv')),
    about: 'server',
  }),
  row('roles.operate_privilege', 'admin', 'database.change', {
    rpc: rpc('OperatePrivilege', messages.wide('OperatePrivilegeRequest', 'ssvs')),
    about: 'server',
    changes,
  }),
  row('roles.operate_privilege_v2', 'admin', 'database.change', {
    rpc: rpc('OperatePrivilegeV2', messages.wide('OperatePrivilegeV2Request', 'sssvss')),
    about: 'server',
    changes,
  }),
  row('roles.describe', 'admin', 'database.observe', {
    rpc: rpc('SelectGrant', messages.wide('SelectGrantRequest', 'ss')),
    about: 'server',
  }),
  row('cluster.version', 'public', 'database.health', {
    rpc: rpc('GetVersion', messages.wide('GetVersionRequest', '', false)),
    about: 'server',
    free,
  }),
  row('cluster.health', 'public', 'database.health', {
    rpc: rpc('CheckHealth', messages.wide('CheckHealthRequest', '', false)),
    about: 'server',
    free,
    trim: trims.health,
  }),
  row('resource_groups.create', 'admin', 'database.change', {
    rpc: rpc('CreateResourceGroup', messages.wide('CreateResourceGroupRequest', 'sss')),
    about: 'server',
    changes,
  }),
  row('resource_groups.drop', 'admin', 'database.change', {
    rpc: rpc('DropResourceGroup', messages.wide('DropResourceGroupRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('resource_groups.update', 'admin', 'database.change', {
    rpc: rpc('UpdateResourceGroups', messages.wide('UpdateResourceGroupsRequest', 'sS')),
    about: 'server',
    changes,
  }),
  row('resource_groups.transfer_node', 'admin', 'database.change', {
    rpc: rpc('TransferNode', messages.wide('TransferNodeRequest', 'sssv')),
    about: 'server',
    changes,
  }),
  row('resource_groups.list', 'admin', 'database.observe', {
    rpc: rpc('ListResourceGroups', messages.wide('ListResourceGroupsRequest', 's')),
    about: 'server',
  }),
  row('resource_groups.describe', 'admin', 'database.observe', {
    rpc: rpc('DescribeResourceGroup', messages.wide('DescribeResourceGroupRequest', 'ss')),
    about: 'server',
  }),
  row('session.connect', 'list', 'collection.list', {
    rpc: rpc('Connect', messages.wide('ConnectRequest', 'ss')),
    about: 'server',
    free,
  }),
  row('session.alloc_timestamp', 'list', 'collection.list', {
    rpc: rpc('AllocTimestamp', messages.wide('AllocTimestampRequest', 's')),
    about: 'server',
    free,
  }),
  row('databases.create', 'admin', 'database.change', {
    rpc: rpc('CreateDatabase', messages.inDatabase('CreateDatabaseRequest', 'ssS')),
    about: 'database',
    changes,
    ownDatabase,
    renames,
  }),
  row('databases.drop', 'admin', 'database.change', {
    rpc: rpc('DropDatabase', messages.inDatabase('DropDatabaseRequest', 'ss')),
    about: 'database',
    changes,
    ownDatabase,
    renames,
  }),
  row('databases.list', 'list', 'collection.list', {
    rpc: rpc('ListDatabases', messages.wide('ListDatabasesRequest', 's')),
    about: 'server',
    trim: trims.databases,
  }),
  row('databases.alter', 'admin', 'database.change', {
    rpc: rpc('AlterDatabase', messages.alterDatabase),
    about: 'database',
    changes,
    ownDatabase,
  }),
  row('databases.describe', 'list', 'collection.list', {
    rpc: rpc('DescribeDatabase', messages.inDatabase('DescribeDatabaseRequest', 'ss')),
    about: 'database',
    ownDatabase,
  }),
  row('rbac.backup', 'admin', 'database.observe', {
    rpc: rpc('BackupRBAC', messages.wide('BackupRBACMetaRequest', 's')),
    about: 'server',
  }),
  row('rbac.restore', 'admin', 'database.change', {
    rpc: rpc('RestoreRBAC', messages.wide('RestoreRBACMetaRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('privilege_groups.create', 'admin', 'database.change', {
    rpc: rpc('CreatePrivilegeGroup', messages.wide('CreatePrivilegeGroupRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('privilege_groups.drop', 'admin', 'database.change', {
    rpc: rpc('DropPrivilegeGroup', messages.wide('DropPrivilegeGroupRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('privilege_groups.list', 'admin', 'database.observe', {
    rpc: rpc('ListPrivilegeGroups', messages.wide('ListPrivilegeGroupsRequest', 's')),
    about: 'server',
  }),
  row('privilege_groups.operate', 'admin', 'database.change', {
    rpc: rpc('OperatePrivilegeGroup', messages.wide('OperatePrivilegeGroupRequest', 'ssSv')),
    about: 'server',
    changes,
  }),
  row('text.run_analyzer', 'read', 'data.read', {
    rpc: rpc('RunAnalyzer', messages.runAnalyzer),
    about: 'database',
  }),
  row('file_resources.add', 'admin', 'database.change', {
    rpc: rpc('AddFileResource', messages.wide('AddFileResourceRequest', 'sss')),
    about: 'server',
    changes,
  }),
  row('file_resources.remove', 'admin', 'database.change', {
    rpc: rpc('RemoveFileResource', messages.wide('RemoveFileResourceRequest', 'ss')),
    about: 'server',
    changes,
  }),
  row('file_resources.list', 'admin', 'database.observe', {
    rpc: rpc('ListFileResources', messages.wide('ListFileResourcesRequest', 's')),
    about: 'server',
  }),
  row('users.tags.add', 'admin', 'database.change', {
    rpc: rpc('AddUserTags', messages.wide('AddUserTagsRequest', 'ssS')),
    about: 'server',
    changes,
  }),
  row('users.tags.delete', 'admin', 'database.change', {
    rpc: rpc('DeleteUserTags', messages.wide('DeleteUserTagsRequest', 'ssS')),
    about: 'server',
    changes,
  }),
  row('users.tags.get', 'admin', 'database.observe', {
    rpc: rpc('GetUserTags', messages.wide('GetUserTagsRequest', 'ss')),
    about: 'server',
  }),
  row('users.tags.list', 'admin', 'database.observe', {
    rpc: rpc('ListUsersWithTag', messages.wide('ListUsersWithTagRequest', 'sss')),
    about: 'server',
  }),
  row('replicate.config.update', 'admin', 'database.change', {
    rpc: rpc(
      'UpdateReplicateConfiguration',
      messages.wide('UpdateReplicateConfigurationRequest', 'sv', false),
    ),
    about: 'server',
    changes,
  }),
  row('replicate.config.get', 'admin', 'database.observe', {
    rpc: rpc(
      'GetReplicateConfiguration',
      messages.wide('GetReplicateConfigurationRequest', '', false),
    ),
    about: 'server',
  }),
  row('text.phrase_match_slop', 'read', 'data.read', {
    rpc: rpc('ComputePhraseMatchSlop', messages.matchSlop),
    about: 'database',
  }),
  row('snapshots.restore_state', 'admin', 'snapshot.list', {
    rpc: rpc('GetRestoreSnapshotState', messages.wide('GetRestoreSnapshotStateRequest', 'sv')),
    about: 'server',
  }),
  row('snapshots.unpin', 'admin', 'snapshot.delete', {
    rpc: rpc('UnpinSnapshotData', messages.wide('UnpinSnapshotDataRequest', 'sv')),
    about: 'server',
    changes,
  }),
  row('external.progress', 'admin', 'database.observe', {
    rpc: rpc(
      'GetRefreshExternalCollectionProgress',
      messages.wide('GetRefreshExternalCollectionProgressRequest', 'sv'),
    ),
    about: 'server',
  }),
  row('telemetry.heartbeat', 'list', 'collection.list', {
    grpc: ['/milvus.proto.milvus.ClientTelemetryService/ClientHeartbeat'],
    about: 'server',
    free,
    answer: answerHeartbeat,
  }),
  row('telemetry.get', 'admin', 'database.observe', {
    rpc: rpc(
      'milvus.proto.milvus.ClientTelemetryService/GetClientTelemetry',
      messages.wide('GetClientTelemetryRequest', 'ssv', false),
    ),
    about: 'server',
  }),
  row('telemetry.push', 'admin', 'database.change', {
    rpc: rpc(
      'milvus.proto.milvus.ClientTelemetryService/PushClientCommand',
      messages.wide('PushClientCommandRequest', 'ssssvv', false),
    ),
    about: 'server',
    changes,
  }),
  row('telemetry.delete', 'admin', 'database.change', {
    rpc: rpc(
      'milvus.proto.milvus.ClientTelemetryService/DeleteClientCommand',
      messages.wide('DeleteClientCommandRequest', 's', false),
    ),
    about: 'server',
    changes,
  }),
  row('health.check', 'public', 'database.health', {
    grpc: ['/grpc.health.v1.Health/Check'],
    about: 'server',
    answer: answerAlive,
  }),
];
