import { post, unread, v1 } from './rest-plan.ts';
import type { RestPlan } from './row.ts';

const parted = 'collectionName partitionNames';
const onePart = 'collectionName partitionName';
const rows = 'collectionName partitionName data partialUpdate fieldOps';
const hybrid =
  'collectionName partitionNames search rerank limit offset groupingField groupSize ' +
  'strictGroupSize outputFields consistencyLevel functionScore functionChains searchAggregation';
/** Both spellings that Milvus's own documents have. */
const job = 'jobId jobID';
/** What clients of the hosted service say beside it, which Milvus ignores. */
const cloud = 'projectId regionId';
/** Its body may be large. */
const wide = { wide: true };

/** The REST routes of each operation, by its name, each with every key that its body may have
 * (internal/distributed/proxy/httpserver, request_v2.go and request.go, 2.4 to master). */
export const routes: Readonly<Record<string, readonly RestPlan[]>> = {
  'collections.list': [post('collections/list'), v1('GET collections', 'dbName')],
  'collections.has': [post('collections/has', parted)],
  'collections.describe': [
    post('collections/describe', parted),
    v1('GET collections/describe', 'dbName collectionName'),
  ],
  'collections.stats': [post('collections/get_stats', parted)],
  'collections.load_state': [post('collections/get_load_state', parted)],
  'collections.create': [
    post(
      'collections/create',
      'collectionName dimension idType autoID metricType vectorFieldType consistencyLevel primaryFieldName vectorFieldName schema indexParams params properties description externalSource externalSpec metricsType enableDynamicField',
    ),
    v1(
      'POST collections/create',
      'dbName collectionName dimension description metricType primaryField vectorField enableDynamicField',
    ),
  ],
  'collections.drop': [
    post('collections/drop', parted),
    v1('POST collections/drop', 'dbName collectionName'),
  ],
  'collections.truncate': [post('collections/truncate', parted)],
  'collections.rename': [post('collections/rename', 'collectionName newCollectionName newDbName')],
  'collections.load': [post('collections/load', parted)],
  'collections.refresh_load': [post('collections/refresh_load', parted)],
  'collections.release': [post('collections/release', parted)],
  'collections.alter': [
    post('collections/alter_properties', 'collectionName properties'),
    post('collections/drop_properties', 'collectionName propertyKeys'),
  ],
  'collections.functions.add': [post('collections/add_function', 'collectionName function')],
  'collections.functions.alter': [
    post('collections/alter_function', 'collectionName functionName function'),
  ],
  'collections.functions.drop': [post('collections/drop_function', 'collectionName FunctionName')],
  'collections.function_fields.add': [
    post('collections/add_function_field', 'collectionName function outputField indexParams'),
  ],
  'collections.function_fields.drop': [
    post('collections/drop_function_field', 'collectionName functionName'),
  ],
  'collections.compact': [post('collections/compact', 'collectionName isClustering')],
  'compaction.state': [
    post('collections/get_compaction_state', `${job} collectionName compactionID`),
  ],
  'collections.flush': [post('collections/flush', 'collectionName')],
  'collections.fields.alter': [
    post('collections/fields/alter_properties', 'collectionName fieldName fieldParams'),
  ],
  'collections.fields.add': [post('collections/fields/add', 'collectionName schema')],
  'collections.fields.drop': [post('collections/fields/drop', 'collectionName fieldName fieldId')],
  'collections.struct_fields.add': [post('collections/struct_fields/add', 'collectionName schema')],
  'databases.create': [post('databases/create', 'properties')],
  'databases.drop': [post('databases/drop')],
  'databases.alter': [
    post('databases/drop_properties', 'propertyKeys'),
    post('databases/alter', 'properties'),
    post('databases/alter_properties', 'properties'),
  ],
  'databases.list': [post('databases/list')],
  'databases.describe': [post('databases/describe')],
  'entities.query': [
    post(
      'entities/query',
      'collectionName partitionNames outputFields filter limit offset orderByFields groupByFields exprParams consistencyLevel',
      wide,
    ),
    v1('POST query', 'dbName collectionName outputFields filter limit offset'),
  ],
  'entities.get': [
    post(
      'entities/get',
      'collectionName partitionName partitionNames outputFields id consistencyLevel',
      wide,
    ),
    v1('POST get', 'dbName collectionName outputFields id'),
  ],
  'entities.delete': [
    post('entities/delete', 'collectionName partitionName filter exprParams id', wide),
    v1('POST delete', 'dbName collectionName id filter'),
  ],
  'entities.insert': [
    post('entities/insert', rows, wide),
    v1('POST insert', 'dbName collectionName data'),
  ],
  'entities.upsert': [
    post('entities/upsert', rows, wide),
    v1('POST upsert', 'dbName collectionName data'),
  ],
  'entities.search': [
    post(
      'entities/search',
      'collectionName data ids annsField partitionNames filter groupingField groupSize strictGroupSize limit offset outputFields searchParams consistencyLevel exprParams functionScore functionChains searchAggregation orderByFields params vector',
      wide,
    ),
    v1('POST search', 'dbName collectionName filter limit offset outputFields vector params'),
  ],
  'entities.hybrid_search': [
    post('entities/advanced_search', hybrid, wide),
    post('entities/hybrid_search', hybrid, wide),
  ],
  'partitions.list': [post('partitions/list', parted)],
  'partitions.has': [post('partitions/has', onePart)],
  'partitions.stats': [post('partitions/get_stats', onePart)],
  'partitions.create': [post('partitions/create', onePart)],
  'partitions.drop': [post('partitions/drop', onePart)],
  'partitions.load': [post('partitions/load', parted)],
  'partitions.release': [post('partitions/release', parted)],
  'users.list': [post('users/list')],
  'users.describe': [post('users/describe', 'userName')],
  'users.create': [post('users/create', 'userName password description')],
  'users.update_password': [
    post('users/update_password', 'userName password newPassword description'),
  ],
  'users.drop': [post('users/drop', 'userName')],
  'users.grant_role': [post('users/grant_role', 'userName roleName')],
  'users.revoke_role': [post('users/revoke_role', 'userName roleName')],
  'roles.list': [post('roles/list', 'timeout')],
  'roles.describe': [post('roles/describe', 'roleName description timeout')],
  'roles.create': [post('roles/create', 'roleName description timeout')],
  'roles.alter': [post('roles/alter', 'roleName description timeout')],
  'roles.drop': [post('roles/drop', 'roleName description timeout')],
  'roles.grant_privilege': [
    post('roles/grant_privilege', 'roleName objectType objectName privilege timeout'),
  ],
  'roles.revoke_privilege': [
    post('roles/revoke_privilege', 'roleName objectType objectName privilege timeout'),
  ],
  'roles.grant_privilege_v2': [
    post('roles/grant_privilege_v2', 'roleName collectionName privilege timeout'),
  ],
  'roles.revoke_privilege_v2': [
    post('roles/revoke_privilege_v2', 'roleName collectionName privilege timeout'),
  ],
  'privilege_groups.create': [post('privilege_groups/create', 'privilegeGroupName privileges')],
  'privilege_groups.drop': [post('privilege_groups/drop', 'privilegeGroupName privileges')],
  'privilege_groups.list': [post('privilege_groups/list')],
  'privilege_groups.add_privileges': [
    post('privilege_groups/add_privileges_to_group', 'privilegeGroupName privileges'),
  ],
  'privilege_groups.remove_privileges': [
    post('privilege_groups/remove_privileges_from_group', 'privilegeGroupName privileges'),
  ],
  'indexes.list': [post('indexes/list', 'collectionName partitionNames timeout')],
  'indexes.describe': [post('indexes/describe', 'collectionName indexName timestamp timeout')],
  'indexes.create': [post('indexes/create', 'collectionName indexParams timeout')],
  'indexes.drop': [post('indexes/drop', 'collectionName indexName timestamp timeout')],
  'indexes.alter': [
    post('indexes/alter_properties', 'collectionName indexName properties timeout'),
    post('indexes/drop_properties', 'collectionName indexName propertyKeys timeout'),
  ],
  'aliases.list': [post('aliases/list', 'collectionName')],
  'aliases.describe': [post('aliases/describe', 'aliasName')],
  'aliases.create': [post('aliases/create', 'collectionName aliasName')],
  'aliases.drop': [post('aliases/drop', 'aliasName collectionName')],
  'aliases.alter': [post('aliases/alter', 'collectionName aliasName')],
  'imports.list': [post('jobs/import/list', `collectionName ${cloud}`)],
  'imports.create': [
    post('jobs/import/create', `collectionName partitionName files options ${cloud}`),
  ],
  'imports.progress': [
    post('jobs/import/get_progress', `${job} ${cloud}`),
    post('jobs/import/describe', `${job} ${cloud}`),
  ],
  'imports.commit': [post('jobs/import/commit', `${job} ${cloud}`)],
  'imports.abort': [post('jobs/import/abort', `${job} ${cloud}`)],
  'snapshots.create': [unread('snapshots/create')],
  'snapshots.list': [unread('snapshots/list')],
  'snapshots.describe': [unread('snapshots/describe')],
  'snapshots.drop': [unread('snapshots/drop')],
  'snapshots.pin': [unread('snapshots/pin')],
  'snapshots.unpin': [unread('snapshots/unpin')],
  'snapshots.restore': [unread('snapshots/restore')],
  'snapshots.restore_external': [
    post('jobs/snapshot/restore_external', 'targetCollectionName snapshotMetadataURI externalSpec'),
  ],
  'snapshots.export': [
    post('jobs/snapshot/export', 'collectionName snapshotName targetS3Path externalSpec'),
  ],
  'snapshots.restore_state': [post('jobs/snapshot/describe', job)],
  'snapshots.restore_jobs': [post('jobs/snapshot/list', 'collectionName')],
  'external.refresh': [
    post('jobs/external_collection/refresh', 'collectionName externalSource externalSpec'),
  ],
  'external.progress': [post('jobs/external_collection/describe', job)],
  'external.list': [post('jobs/external_collection/list', 'collectionName')],
  'resource_groups.create': [post('resource_groups/create', 'name config')],
  'resource_groups.drop': [post('resource_groups/drop', 'name config')],
  'resource_groups.update': [post('resource_groups/alter', 'resource_groups')],
  'resource_groups.describe': [post('resource_groups/describe', 'name config')],
  'resource_groups.list': [post('resource_groups/list')],
  'resource_groups.transfer_replica': [
    post(
      'resource_groups/transfer_replica',
      'sourceRgName targetRgName collectionName replicaNum',
      { onlyDefault: true },
    ),
  ],
  'file_resources.add': [post('file_resources/add', 'name path')],
  'file_resources.remove': [post('file_resources/remove', 'name')],
  'file_resources.list': [post('file_resources/list')],
  'segments.describe': [post('segments/describe', 'collectionID segmentIDs')],
  'cluster.quota': [post('quotacenter/describe')],
  'text.run_analyzer': [
    post(
      'common/run_analyzer',
      'analyzerParams text withDetail withHash collectionName fieldName analyzerNames',
    ),
  ],
};
