import type { DescFile, DescMessage } from '@bufbuild/protobuf';
import {
  file_collections,
  file_points,
  file_qdrant,
  file_snapshots_service,
} from '@qdrant/js-client-grpc';

const answers: Readonly<Record<string, readonly [DescFile, Readonly<Record<string, string>>]>> = {
  'qdrant.Qdrant': [file_qdrant, { HealthCheck: 'HealthCheckReply' }],
  'qdrant.Collections': [
    file_collections,
    {
      Create: 'CollectionOperationResponse',
      Update: 'CollectionOperationResponse',
      Delete: 'CollectionOperationResponse',
      UpdateAliases: 'CollectionOperationResponse',
      List: 'ListCollectionsResponse',
      Get: 'GetCollectionInfoResponse',
      CollectionExists: 'CollectionExistsResponse',
      ListAliases: 'ListAliasesResponse',
      ListCollectionAliases: 'ListAliasesResponse',
      CollectionClusterInfo: 'CollectionClusterInfoResponse',
    },
  ],
  'qdrant.Points': [
    file_points,
    {
      Upsert: 'PointsOperationResponse',
      Delete: 'PointsOperationResponse',
      SetPayload: 'PointsOperationResponse',
      CreateFieldIndex: 'PointsOperationResponse',
      UpdateBatch: 'UpdateBatchResponse',
      Search: 'SearchResponse',
      SearchBatch: 'SearchBatchResponse',
      SearchGroups: 'SearchGroupsResponse',
      Query: 'QueryResponse',
      QueryBatch: 'QueryBatchResponse',
      QueryGroups: 'QueryGroupsResponse',
      Recommend: 'RecommendResponse',
      Scroll: 'ScrollResponse',
      Count: 'CountResponse',
      Get: 'GetResponse',
      Facet: 'FacetResponse',
    },
  ],
  'qdrant.Snapshots': [
    file_snapshots_service,
    {
      Create: 'CreateSnapshotResponse',
      List: 'ListSnapshotsResponse',
      ListFull: 'ListSnapshotsResponse',
      Delete: 'DeleteSnapshotResponse',
    },
  ],
};

/** The messages that methods answer, as the official client describes them. */
export const descriptors: ReadonlyMap<string, DescMessage> = new Map(
  Object.entries(answers).flatMap(([service, [file, methods]]) =>
    Object.entries(methods).map(([method, name]) => {
      const message = file.messages.find((known) => known.name === name);
      if (!message) throw new Error(`no message ${name}`);
      return [`/${service}/${method}`, message] as const;
    }),
  ),
);
