/**
 * The messages of Qdrant's gRPC interface. A field is its number, name and type; `*` repeats, `?`
 * keeps presence, `map:` maps strings to the type, `@` names the `oneof` that it belongs to.
 */
export const schema: Readonly<Record<string, string>> = {
  PointId: '1 num uint64@point_id_options, 2 uuid string@point_id_options',
  GeoPoint: '1 lon double, 2 lat double',
  Filter: '1 should Condition*, 2 must Condition*, 3 must_not Condition*, 4 min_should MinShould',
  MinShould: '1 conditions Condition*, 2 min_count uint64',
  Condition:
    '1 field FieldCondition@condition_one_of, 2 is_empty IsEmptyCondition@condition_one_of, ' +
    '3 has_id HasIdCondition@condition_one_of, 4 filter Filter@condition_one_of, ' +
    '5 is_null IsNullCondition@condition_one_of, 6 nested NestedCondition@condition_one_of, ' +
    '7 has_vector HasVectorCondition@condition_one_of, ' +
    '8 slice SliceCondition@condition_one_of',
  IsEmptyCondition: '1 key string',
  IsNullCondition: '1 key string',
  HasIdCondition: '1 has_id PointId*',
  HasVectorCondition: '1 has_vector string',
  SliceCondition: '1 total uint32, 2 index uint32',
  NestedCondition: '1 key string, 2 filter Filter',
  FieldCondition:
    '1 key string, 2 match Match, 3 range Range, 4 geo_bounding_box GeoBoundingBox, ' +
    '5 geo_radius GeoRadius, 6 values_count ValuesCount, 7 geo_polygon GeoPolygon, ' +
    '8 datetime_range DatetimeRange, 9 is_empty bool?, 10 is_null bool?',
  Match:
    '1 keyword string@match_value, 2 integer int64@match_value, 3 boolean bool@match_value, ' +
    '4 text string@match_value, 5 keywords RepeatedStrings@match_value, ' +
    '6 integers RepeatedIntegers@match_value, 7 except_integers RepeatedIntegers@match_value, ' +
    '8 except_keywords RepeatedStrings@match_value, 9 phrase string@match_value, ' +
    '10 text_any string@match_value, 11 prefix string@match_value',
  RepeatedStrings: '1 strings string*',
  RepeatedIntegers: '1 integers int64*',
  Range: '1 lt double?, 2 gt double?, 3 gte double?, 4 lte double?',
  DatetimeRange: '1 lt Timestamp, 2 gt Timestamp, 3 gte Timestamp, 4 lte Timestamp',
  GeoBoundingBox: '1 top_left GeoPoint, 2 bottom_right GeoPoint',
  GeoRadius: '1 center GeoPoint, 2 radius float',
  GeoLineString: '1 points GeoPoint*',
  GeoPolygon: '1 exterior GeoLineString, 2 interiors GeoLineString*',
  ValuesCount: '1 lt uint64?, 2 gt uint64?, 3 gte uint64?, 4 lte uint64?',
  Struct: '1 fields map:Value',
  Value:
    '1 null_value enum@kind, 2 double_value double@kind, 3 integer_value int64@kind, ' +
    '4 string_value string@kind, 5 bool_value bool@kind, 6 struct_value Struct@kind, ' +
    '7 list_value ListValue@kind',
  ListValue: '1 values Value*',
  WriteOrdering: '1 type enum',
  ReadConsistency: '1 type enum@value, 2 factor uint64@value',
  SparseIndices: '1 data uint32*',
  Document: '1 text string, 3 model string, 4 options map:Value',
  Image: '1 image Value, 2 model string, 3 options map:Value',
  InferenceObject: '1 object Value, 2 model string, 3 options map:Value',
  Vector:
    '1 data float*, 2 indices SparseIndices, 3 vectors_count uint32?, ' +
    '101 dense DenseVector@vector, 102 sparse SparseVector@vector, ' +
    '103 multi_dense MultiDenseVector@vector, 104 document Document@vector, ' +
    '105 image Image@vector, 106 object InferenceObject@vector',
  VectorOutput:
    '1 data float*, 2 indices SparseIndices, 3 vectors_count uint32?, ' +
    '101 dense DenseVector@vector, 102 sparse SparseVector@vector, ' +
    '103 multi_dense MultiDenseVector@vector',
  DenseVector: '1 data float*',
  SparseVector: '1 values float*, 2 indices uint32*',
  MultiDenseVector: '1 vectors DenseVector*',
  VectorInput:
    '1 id PointId@variant, 2 dense DenseVector@variant, 3 sparse SparseVector@variant, ' +
    '4 multi_dense MultiDenseVector@variant, 5 document Document@variant, ' +
    '6 image Image@variant, 7 object InferenceObject@variant',
  ShardKeySelector: '1 shard_keys ShardKey*, 2 fallback ShardKey',
  UpsertPoints:
    '1 collection_name string, 2 wait bool?, 3 points PointStruct*, 4 ordering WriteOrdering, ' +
    '5 shard_key_selector ShardKeySelector, 6 update_filter Filter, 7 timeout uint64?, ' +
    '8 update_mode enum?',
  DeletePoints:
    '1 collection_name string, 2 wait bool?, 3 points PointsSelector, 4 ordering WriteOrdering, ' +
    '5 shard_key_selector ShardKeySelector, 6 timeout uint64?',
  'PointsUpdateOperation.DeletePoints':
    '1 points PointsSelector, 2 shard_key_selector ShardKeySelector',
  GetPoints:
    '1 collection_name string, 2 ids PointId*, 4 with_payload WithPayloadSelector, ' +
    '5 with_vectors WithVectorsSelector, 6 read_consistency ReadConsistency, ' +
    '7 shard_key_selector ShardKeySelector, 8 timeout uint64?',
  UpdatePointVectors:
    '1 collection_name string, 2 wait bool?, 3 points PointVectors*, 4 ordering WriteOrdering, ' +
    '5 shard_key_selector ShardKeySelector, 6 update_filter Filter, 7 timeout uint64?',
  PointVectors: '1 id PointId, 2 vectors Vectors',
  DeletePointVectors:
    '1 collection_name string, 2 wait bool?, 3 points_selector PointsSelector, ' +
    '4 vectors VectorsSelector, 5 ordering WriteOrdering, ' +
    '6 shard_key_selector ShardKeySelector, 7 timeout uint64?',
  SetPayloadPoints:
    '1 collection_name string, 2 wait bool?, 3 payload map:Value, ' +
    '5 points_selector PointsSelector, 6 ordering WriteOrdering, ' +
    '7 shard_key_selector ShardKeySelector, 8 key string?, 9 timeout uint64?',
  DeletePayloadPoints:
    '1 collection_name string, 2 wait bool?, 3 keys string*, 5 points_selector PointsSelector, ' +
    '6 ordering WriteOrdering, 7 shard_key_selector ShardKeySelector, 8 timeout uint64?',
  ClearPayloadPoints:
    '1 collection_name string, 2 wait bool?, 3 points PointsSelector, ' +
    '4 ordering WriteOrdering, 5 shard_key_selector ShardKeySelector, 6 timeout uint64?',
  CreateFieldIndexCollection:
    '1 collection_name string, 2 wait bool?, 3 field_name string, 4 field_type enum?, ' +
    '5 field_index_params PayloadIndexParams, 6 ordering WriteOrdering, 7 timeout uint64?',
  DeleteFieldIndexCollection:
    '1 collection_name string, 2 wait bool?, 3 field_name string, 4 ordering WriteOrdering, ' +
    '5 timeout uint64?',
  DenseVectorCreationConfig:
    '1 size uint64, 2 distance enum, 3 multivector_config MultiVectorConfig, 4 datatype enum?',
  SparseVectorCreationConfig: '1 modifier enum?, 2 datatype enum?',
  CreateVectorNameRequest:
    '1 collection_name string, 2 wait bool?, 3 vector_name string, ' +
    '4 dense_config DenseVectorCreationConfig@vector_config, ' +
    '5 sparse_config SparseVectorCreationConfig@vector_config, 6 timeout uint64?, ' +
    '7 ordering WriteOrdering',
  DeleteVectorNameRequest:
    '1 collection_name string, 2 wait bool?, 3 vector_name string, 4 timeout uint64?, ' +
    '5 ordering WriteOrdering',
  PayloadIncludeSelector: '1 fields string*',
  PayloadExcludeSelector: '1 fields string*',
  WithPayloadSelector:
    '1 enable bool@selector_options, 2 include PayloadIncludeSelector@selector_options, ' +
    '3 exclude PayloadExcludeSelector@selector_options',
  NamedVectors: '1 vectors map:Vector',
  NamedVectorsOutput: '1 vectors map:VectorOutput',
  Vectors: '1 vector Vector@vectors_options, 2 vectors NamedVectors@vectors_options',
  VectorsOutput:
    '1 vector VectorOutput@vectors_options, 2 vectors NamedVectorsOutput@vectors_options',
  VectorsSelector: '1 names string*',
  WithVectorsSelector: '1 enable bool@selector_options, 2 include VectorsSelector@selector_options',
  QuantizationSearchParams: '1 ignore bool?, 2 rescore bool?, 3 oversampling double?',
  AcornSearchParams: '1 enable bool?, 2 max_selectivity double?',
  IdfParams: '1 corpus Filter',
  SearchParams:
    '1 hnsw_ef uint64?, 2 exact bool?, 3 quantization QuantizationSearchParams, ' +
    '4 indexed_only bool?, 5 acorn AcornSearchParams, 6 idf IdfParams',
  SearchPoints:
    '1 collection_name string, 2 vector float*, 3 filter Filter, 4 limit uint64, ' +
    '6 with_payload WithPayloadSelector, 7 params SearchParams, 8 score_threshold float?, ' +
    '9 offset uint64?, 10 vector_name string?, 11 with_vectors WithVectorsSelector, ' +
    '12 read_consistency ReadConsistency, 13 timeout uint64?, ' +
    '14 shard_key_selector ShardKeySelector, 15 sparse_indices SparseIndices',
  SearchBatchPoints:
    '1 collection_name string, 2 search_points SearchPoints*, ' +
    '3 read_consistency ReadConsistency, 4 timeout uint64?',
  WithLookup:
    '1 collection string, 2 with_payload WithPayloadSelector, ' +
    '3 with_vectors WithVectorsSelector',
  SearchPointGroups:
    '1 collection_name string, 2 vector float*, 3 filter Filter, 4 limit uint32, ' +
    '5 with_payload WithPayloadSelector, 6 params SearchParams, 7 score_threshold float?, ' +
    '8 vector_name string?, 9 with_vectors WithVectorsSelector, 10 group_by string, ' +
    '11 group_size uint32, 12 read_consistency ReadConsistency, 13 with_lookup WithLookup, ' +
    '14 timeout uint64?, 15 shard_key_selector ShardKeySelector, ' +
    '16 sparse_indices SparseIndices',
  StartFrom:
    '1 float double@value, 2 integer int64@value, 3 timestamp Timestamp@value, ' +
    '4 datetime string@value',
  OrderBy: '1 key string, 2 direction enum?, 3 start_from StartFrom',
  ScrollPoints:
    '1 collection_name string, 2 filter Filter, 3 offset PointId, 4 limit uint32?, ' +
    '6 with_payload WithPayloadSelector, 7 with_vectors WithVectorsSelector, ' +
    '8 read_consistency ReadConsistency, 9 shard_key_selector ShardKeySelector, ' +
    '10 order_by OrderBy, 11 timeout uint64?',
  LookupLocation:
    '1 collection_name string, 2 vector_name string?, 3 shard_key_selector ShardKeySelector',
  RecommendPoints:
    '1 collection_name string, 2 positive PointId*, 3 negative PointId*, 4 filter Filter, ' +
    '5 limit uint64, 7 with_payload WithPayloadSelector, 8 params SearchParams, ' +
    '9 score_threshold float?, 10 offset uint64?, 11 using string?, ' +
    '12 with_vectors WithVectorsSelector, 13 lookup_from LookupLocation, ' +
    '14 read_consistency ReadConsistency, 16 strategy enum?, 17 positive_vectors Vector*, ' +
    '18 negative_vectors Vector*, 19 timeout uint64?, 20 shard_key_selector ShardKeySelector',
  RecommendBatchPoints:
    '1 collection_name string, 2 recommend_points RecommendPoints*, ' +
    '3 read_consistency ReadConsistency, 4 timeout uint64?',
  RecommendPointGroups:
    '1 collection_name string, 2 positive PointId*, 3 negative PointId*, 4 filter Filter, ' +
    '5 limit uint32, 6 with_payload WithPayloadSelector, 7 params SearchParams, ' +
    '8 score_threshold float?, 9 using string?, 10 with_vectors WithVectorsSelector, ' +
    '11 lookup_from LookupLocation, 12 group_by string, 13 group_size uint32, ' +
    '14 read_consistency ReadConsistency, 15 with_lookup WithLookup, 17 strategy enum?, ' +
    '18 positive_vectors Vector*, 19 negative_vectors Vector*, 20 timeout uint64?, ' +
    '21 shard_key_selector ShardKeySelector',
  TargetVector: '1 single VectorExample@target',
  VectorExample: '1 id PointId@example, 2 vector Vector@example',
  ContextExamplePair: '1 positive VectorExample, 2 negative VectorExample',
  DiscoverPoints:
    '1 collection_name string, 2 target TargetVector, 3 context ContextExamplePair*, ' +
    '4 filter Filter, 5 limit uint64, 6 with_payload WithPayloadSelector, ' +
    '7 params SearchParams, 8 offset uint64?, 9 using string?, ' +
    '10 with_vectors WithVectorsSelector, 11 lookup_from LookupLocation, ' +
    '12 read_consistency ReadConsistency, 13 timeout uint64?, ' +
    '14 shard_key_selector ShardKeySelector',
  DiscoverBatchPoints:
    '1 collection_name string, 2 discover_points DiscoverPoints*, ' +
    '3 read_consistency ReadConsistency, 4 timeout uint64?',
  CountPoints:
    '1 collection_name string, 2 filter Filter, 3 exact bool?, ' +
    '4 read_consistency ReadConsistency, 5 shard_key_selector ShardKeySelector, ' +
    '6 timeout uint64?',
  RecommendInput: '1 positive VectorInput*, 2 negative VectorInput*, 3 strategy enum?',
  ContextInputPair: '1 positive VectorInput, 2 negative VectorInput',
  DiscoverInput: '1 target VectorInput, 2 context ContextInput',
  ContextInput: '1 pairs ContextInputPair*',
  RelevanceFeedbackInput:
    '1 target VectorInput, 2 feedback FeedbackItem*, 3 strategy FeedbackStrategy',
  FeedbackItem: '1 example VectorInput, 2 score float',
  FeedbackStrategy: '1 naive NaiveFeedbackStrategy@variant',
  NaiveFeedbackStrategy: '1 a float, 2 b float, 3 c float',
  Formula: '1 expression Expression, 2 defaults map:Value',
  Expression:
    '1 constant float@variant, 2 variable string@variant, 3 condition Condition@variant, ' +
    '4 geo_distance GeoDistance@variant, 5 datetime string@variant, ' +
    '6 datetime_key string@variant, 7 mult MultExpression@variant, ' +
    '8 sum SumExpression@variant, 9 div DivExpression@variant, 10 neg Expression@variant, ' +
    '11 abs Expression@variant, 12 sqrt Expression@variant, 13 pow PowExpression@variant, ' +
    '14 exp Expression@variant, 15 log10 Expression@variant, 16 ln Expression@variant, ' +
    '17 exp_decay DecayParamsExpression@variant, 18 gauss_decay DecayParamsExpression@variant, ' +
    '19 lin_decay DecayParamsExpression@variant',
  GeoDistance: '1 origin GeoPoint, 2 to string',
  MultExpression: '1 mult Expression*',
  SumExpression: '1 sum Expression*',
  DivExpression: '1 left Expression, 2 right Expression, 3 by_zero_default float?',
  PowExpression: '1 base Expression, 2 exponent Expression',
  DecayParamsExpression: '1 x Expression, 2 target Expression, 3 scale float?, 4 midpoint float?',
  NearestInputWithMmr: '1 nearest VectorInput, 2 mmr Mmr',
  Mmr: '2 diversity float?, 3 candidates_limit uint32?',
  Rrf: '1 k uint32?, 2 weights float*',
  Query:
    '1 nearest VectorInput@variant, 2 recommend RecommendInput@variant, ' +
    '3 discover DiscoverInput@variant, 4 context ContextInput@variant, ' +
    '5 order_by OrderBy@variant, 6 fusion enum@variant, 7 sample enum@variant, ' +
    '8 formula Formula@variant, 9 nearest_with_mmr NearestInputWithMmr@variant, ' +
    '10 rrf Rrf@variant, 11 relevance_feedback RelevanceFeedbackInput@variant',
  PrefetchQuery:
    '1 prefetch PrefetchQuery*, 2 query Query, 3 using string?, 4 filter Filter, ' +
    '5 params SearchParams, 6 score_threshold float?, 7 limit uint64?, ' +
    '8 lookup_from LookupLocation',
  QueryPoints:
    '1 collection_name string, 2 prefetch PrefetchQuery*, 3 query Query, 4 using string?, ' +
    '5 filter Filter, 6 params SearchParams, 7 score_threshold float?, 8 limit uint64?, ' +
    '9 offset uint64?, 10 with_vectors WithVectorsSelector, ' +
    '11 with_payload WithPayloadSelector, 12 read_consistency ReadConsistency, ' +
    '13 shard_key_selector ShardKeySelector, 14 lookup_from LookupLocation, ' +
    '15 timeout uint64?',
  QueryBatchPoints:
    '1 collection_name string, 2 query_points QueryPoints*, ' +
    '3 read_consistency ReadConsistency, 4 timeout uint64?',
  QueryPointGroups:
    '1 collection_name string, 2 prefetch PrefetchQuery*, 3 query Query, 4 using string?, ' +
    '5 filter Filter, 6 params SearchParams, 7 score_threshold float?, ' +
    '8 with_payload WithPayloadSelector, 9 with_vectors WithVectorsSelector, ' +
    '10 lookup_from LookupLocation, 11 limit uint64?, 12 group_size uint64?, ' +
    '13 group_by string, 14 read_consistency ReadConsistency, 15 with_lookup WithLookup, ' +
    '16 timeout uint64?, 17 shard_key_selector ShardKeySelector',
  FacetCounts:
    '1 collection_name string, 2 key string, 3 filter Filter, 4 limit uint64?, 5 exact bool?, ' +
    '6 timeout uint64?, 7 read_consistency ReadConsistency, ' +
    '8 shard_key_selector ShardKeySelector',
  FacetValue:
    '1 string_value string@variant, 2 integer_value int64@variant, 3 bool_value bool@variant',
  FacetHit: '1 value FacetValue, 2 count uint64',
  SearchMatrixPoints:
    '1 collection_name string, 2 filter Filter, 3 sample uint64?, 4 limit uint64?, ' +
    '5 using string?, 6 timeout uint64?, 7 read_consistency ReadConsistency, ' +
    '8 shard_key_selector ShardKeySelector',
  SearchMatrixPairs: '1 pairs SearchMatrixPair*',
  SearchMatrixPair: '1 a PointId, 2 b PointId, 3 score float',
  SearchMatrixOffsets:
    '1 offsets_row uint64*, 2 offsets_col uint64*, 3 scores float*, 4 ids PointId*',
  PointsUpdateOperation:
    '1 upsert PointStructList@operation, 2 delete_deprecated PointsSelector@operation, ' +
    '3 set_payload SetPayload@operation, 4 overwrite_payload OverwritePayload@operation, ' +
    '5 delete_payload DeletePayload@operation, ' +
    '6 clear_payload_deprecated PointsSelector@operation, ' +
    '7 update_vectors UpdateVectors@operation, 8 delete_vectors DeleteVectors@operation, ' +
    '9 delete_points PointsUpdateOperation.DeletePoints@operation, ' +
    '10 clear_payload ClearPayload@operation',
  PointStructList:
    '1 points PointStruct*, 2 shard_key_selector ShardKeySelector, 3 update_filter Filter, ' +
    '4 update_mode enum?',
  SetPayload:
    '1 payload map:Value, 2 points_selector PointsSelector, ' +
    '3 shard_key_selector ShardKeySelector, 4 key string?',
  OverwritePayload:
    '1 payload map:Value, 2 points_selector PointsSelector, ' +
    '3 shard_key_selector ShardKeySelector, 4 key string?',
  DeletePayload:
    '1 keys string*, 2 points_selector PointsSelector, 3 shard_key_selector ShardKeySelector',
  UpdateVectors:
    '1 points PointVectors*, 2 shard_key_selector ShardKeySelector, 3 update_filter Filter',
  DeleteVectors:
    '1 points_selector PointsSelector, 2 vectors VectorsSelector, ' +
    '3 shard_key_selector ShardKeySelector',
  ClearPayload: '1 points PointsSelector, 2 shard_key_selector ShardKeySelector',
  UpdateBatchPoints:
    '1 collection_name string, 2 wait bool?, 3 operations PointsUpdateOperation*, ' +
    '4 ordering WriteOrdering, 5 timeout uint64?',
  PointsOperationResponse: '1 result UpdateResult, 2 time double, 3 usage Usage',
  UpdateResult: '1 operation_id uint64?, 2 status enum',
  OrderValue: '1 int int64@variant, 2 float double@variant',
  ScoredPoint:
    '1 id PointId, 2 payload map:Value, 3 score float, 5 version uint64, ' +
    '6 vectors VectorsOutput, 7 shard_key ShardKey, 8 order_value OrderValue',
  GroupId: '1 unsigned_value uint64@kind, 2 integer_value int64@kind, 3 string_value string@kind',
  PointGroup: '1 id GroupId, 2 hits ScoredPoint*, 3 lookup RetrievedPoint',
  GroupsResult: '1 groups PointGroup*',
  SearchResponse: '1 result ScoredPoint*, 2 time double, 3 usage Usage',
  QueryResponse: '1 result ScoredPoint*, 2 time double, 3 usage Usage',
  QueryBatchResponse: '1 result BatchResult*, 2 time double, 3 usage Usage',
  QueryGroupsResponse: '1 result GroupsResult, 2 time double, 3 usage Usage',
  BatchResult: '1 result ScoredPoint*',
  SearchBatchResponse: '1 result BatchResult*, 2 time double, 3 usage Usage',
  SearchGroupsResponse: '1 result GroupsResult, 2 time double, 3 usage Usage',
  CountResponse: '1 result CountResult, 2 time double, 3 usage Usage',
  ScrollResponse:
    '1 next_page_offset PointId, 2 result RetrievedPoint*, 3 time double, 4 usage Usage',
  CountResult: '1 count uint64',
  RetrievedPoint:
    '1 id PointId, 2 payload map:Value, 4 vectors VectorsOutput, 5 shard_key ShardKey, ' +
    '6 order_value OrderValue',
  GetResponse: '1 result RetrievedPoint*, 2 time double, 3 usage Usage',
  RecommendResponse: '1 result ScoredPoint*, 2 time double, 3 usage Usage',
  RecommendBatchResponse: '1 result BatchResult*, 2 time double, 3 usage Usage',
  DiscoverResponse: '1 result ScoredPoint*, 2 time double, 3 usage Usage',
  DiscoverBatchResponse: '1 result BatchResult*, 2 time double, 3 usage Usage',
  RecommendGroupsResponse: '1 result GroupsResult, 2 time double, 3 usage Usage',
  UpdateBatchResponse: '1 result UpdateResult*, 2 time double, 3 usage Usage',
  FacetResponse: '1 hits FacetHit*, 2 time double, 3 usage Usage',
  SearchMatrixPairsResponse: '1 result SearchMatrixPairs, 2 time double, 3 usage Usage',
  SearchMatrixOffsetsResponse: '1 result SearchMatrixOffsets, 2 time double, 3 usage Usage',
  PointsSelector:
    '1 points PointsIdsList@points_selector_one_of, 2 filter Filter@points_selector_one_of',
  PointsIdsList: '1 ids PointId*',
  PointStruct: '1 id PointId, 3 payload map:Value, 4 vectors Vectors',
  Usage: '1 hardware HardwareUsage, 2 inference InferenceUsage',
  InferenceUsage: '1 models map:ModelUsage',
  ModelUsage: '1 tokens uint64',
  HardwareUsage:
    '1 cpu uint64, 2 payload_io_read uint64, 3 payload_io_write uint64, ' +
    '4 payload_index_io_read uint64, 5 payload_index_io_write uint64, 6 vector_io_read uint64, ' +
    '7 vector_io_write uint64',
  VectorParams:
    '1 size uint64, 2 distance enum, 3 hnsw_config HnswConfigDiff, ' +
    '4 quantization_config QuantizationConfig, 5 on_disk bool?, 6 datatype enum?, ' +
    '7 multivector_config MultiVectorConfig, 8 memory enum?',
  VectorParamsDiff:
    '1 hnsw_config HnswConfigDiff, 2 quantization_config QuantizationConfigDiff, ' +
    '3 on_disk bool?, 4 memory enum?',
  VectorParamsMap: '1 map map:VectorParams',
  VectorParamsDiffMap: '1 map map:VectorParamsDiff',
  VectorsConfig: '1 params VectorParams@config, 2 params_map VectorParamsMap@config',
  VectorsConfigDiff: '1 params VectorParamsDiff@config, 2 params_map VectorParamsDiffMap@config',
  SparseVectorParams: '1 index SparseIndexConfig, 2 modifier enum?',
  SparseVectorConfig: '1 map map:SparseVectorParams',
  MultiVectorConfig: '1 comparator enum',
  GetCollectionInfoRequest: '1 collection_name string',
  CollectionExistsRequest: '1 collection_name string',
  CollectionExists: '1 exists bool',
  CollectionExistsResponse: '1 result CollectionExists, 2 time double',
  ListCollectionsRequest: '',
  CollectionDescription: '1 name string',
  GetCollectionInfoResponse: '1 result CollectionInfo, 2 time double',
  ListCollectionsResponse: '1 collections CollectionDescription*, 2 time double',
  MaxOptimizationThreads: '1 value uint64@variant, 2 setting enum@variant',
  OptimizerStatus: '1 ok bool, 2 error string',
  CollectionWarning: '1 message string',
  HnswConfigDiff:
    '1 m uint64?, 2 ef_construct uint64?, 3 full_scan_threshold uint64?, ' +
    '4 max_indexing_threads uint64?, 5 on_disk bool?, 6 payload_m uint64?, ' +
    '7 inline_storage bool?, 8 memory enum?',
  SparseIndexConfig:
    '1 full_scan_threshold uint64?, 2 on_disk bool?, 3 datatype enum?, 4 memory enum?',
  WalConfigDiff:
    '1 wal_capacity_mb uint64?, 2 wal_segments_ahead uint64?, 3 wal_retain_closed uint64?',
  OptimizersConfigDiff:
    '1 deleted_threshold double?, 2 vacuum_min_vector_number uint64?, ' +
    '3 default_segment_number uint64?, 4 max_segment_size uint64?, 5 memmap_threshold uint64?, ' +
    '6 indexing_threshold uint64?, 7 flush_interval_sec uint64?, ' +
    '8 deprecated_max_optimization_threads uint64?, ' +
    '9 max_optimization_threads MaxOptimizationThreads, 10 prevent_unoptimized bool?',
  ScalarQuantization: '1 type enum, 2 quantile float?, 3 always_ram bool?, 4 memory enum?',
  ProductQuantization: '1 compression enum, 2 always_ram bool?, 3 memory enum?',
  BinaryQuantizationQueryEncoding: '4 setting enum@variant',
  BinaryQuantization:
    '1 always_ram bool?, 2 encoding enum?, 3 query_encoding BinaryQuantizationQueryEncoding, ' +
    '4 memory enum?',
  TurboQuantization: '1 always_ram bool?, 2 bits enum?, 3 memory enum?',
  QuantizationConfig:
    '1 scalar ScalarQuantization@quantization, 2 product ProductQuantization@quantization, ' +
    '3 binary BinaryQuantization@quantization, 4 turboquant TurboQuantization@quantization',
  Disabled: '',
  QuantizationConfigDiff:
    '1 scalar ScalarQuantization@quantization, 2 product ProductQuantization@quantization, ' +
    '3 disabled Disabled@quantization, 4 binary BinaryQuantization@quantization, ' +
    '5 turboquant TurboQuantization@quantization',
  StrictModeConfig:
    '1 enabled bool?, 2 max_query_limit uint32?, 3 max_timeout uint32?, ' +
    '4 unindexed_filtering_retrieve bool?, 5 unindexed_filtering_update bool?, ' +
    '6 search_max_hnsw_ef uint32?, 7 search_allow_exact bool?, ' +
    '8 search_max_oversampling float?, 9 upsert_max_batchsize uint64?, ' +
    '20 search_max_batchsize uint64?, 10 max_collection_vector_size_bytes uint64?, ' +
    '11 read_rate_limit uint32?, 12 write_rate_limit uint32?, ' +
    '13 max_collection_payload_size_bytes uint64?, 14 filter_max_conditions uint64?, ' +
    '15 condition_max_size uint64?, 16 multivector_config StrictModeMultivectorConfig, ' +
    '17 sparse_config StrictModeSparseConfig, 18 max_points_count uint64?, ' +
    '19 max_payload_index_count uint64?, 21 max_resident_memory_percent uint32?',
  StrictModeSparseConfig: '1 sparse_config map:StrictModeSparse',
  StrictModeSparse: '10 max_length uint64?',
  StrictModeMultivectorConfig: '1 multivector_config map:StrictModeMultivector',
  StrictModeMultivector: '1 max_vectors uint64?',
  PayloadStorageParams: '1 memory enum?',
  CreateCollection:
    '1 collection_name string, 4 hnsw_config HnswConfigDiff, 5 wal_config WalConfigDiff, ' +
    '6 optimizers_config OptimizersConfigDiff, 7 shard_number uint32?, ' +
    '8 on_disk_payload bool?, 9 timeout uint64?, 10 vectors_config VectorsConfig, ' +
    '11 replication_factor uint32?, 12 write_consistency_factor uint32?, ' +
    '14 quantization_config QuantizationConfig, 15 sharding_method enum?, ' +
    '16 sparse_vectors_config SparseVectorConfig, 17 strict_mode_config StrictModeConfig, ' +
    '18 metadata map:Value, 19 payload PayloadStorageParams',
  UpdateCollection:
    '1 collection_name string, 2 optimizers_config OptimizersConfigDiff, 3 timeout uint64?, ' +
    '4 params CollectionParamsDiff, 5 hnsw_config HnswConfigDiff, ' +
    '6 vectors_config VectorsConfigDiff, 7 quantization_config QuantizationConfigDiff, ' +
    '8 sparse_vectors_config SparseVectorConfig, 9 strict_mode_config StrictModeConfig, ' +
    '10 metadata map:Value',
  DeleteCollection: '1 collection_name string, 2 timeout uint64?',
  CollectionOperationResponse: '1 result bool, 2 time double',
  CollectionParams:
    '3 shard_number uint32, 4 on_disk_payload bool, 5 vectors_config VectorsConfig, ' +
    '6 replication_factor uint32?, 7 write_consistency_factor uint32?, ' +
    '8 read_fan_out_factor uint32?, 9 sharding_method enum?, ' +
    '10 sparse_vectors_config SparseVectorConfig, 11 read_fan_out_delay_ms uint64?, ' +
    '12 payload PayloadStorageParams',
  CollectionParamsDiff:
    '1 replication_factor uint32?, 2 write_consistency_factor uint32?, ' +
    '3 on_disk_payload bool?, 4 read_fan_out_factor uint32?, 5 read_fan_out_delay_ms uint64?, ' +
    '6 payload PayloadStorageParams',
  CollectionConfig:
    '1 params CollectionParams, 2 hnsw_config HnswConfigDiff, ' +
    '3 optimizer_config OptimizersConfigDiff, 4 wal_config WalConfigDiff, ' +
    '5 quantization_config QuantizationConfig, 6 strict_mode_config StrictModeConfig, ' +
    '7 metadata map:Value',
  KeywordIndexParams:
    '1 is_tenant bool?, 2 on_disk bool?, 3 enable_hnsw bool?, 4 prefix KeywordPrefixParams, ' +
    '5 memory enum?',
  KeywordPrefixParams: '',
  IntegerIndexParams:
    '1 lookup bool?, 2 range bool?, 3 is_principal bool?, 4 on_disk bool?, ' +
    '5 enable_hnsw bool?, 6 memory enum?',
  FloatIndexParams: '1 on_disk bool?, 2 is_principal bool?, 3 enable_hnsw bool?, 4 memory enum?',
  GeoIndexParams: '1 on_disk bool?, 2 enable_hnsw bool?, 3 memory enum?',
  StopwordsSet: '1 languages string*, 2 custom string*',
  TextIndexParams:
    '1 tokenizer enum, 2 lowercase bool?, 3 min_token_len uint64?, 4 max_token_len uint64?, ' +
    '5 on_disk bool?, 6 stopwords StopwordsSet, 7 phrase_matching bool?, ' +
    '8 stemmer StemmingAlgorithm, 9 ascii_folding bool?, 10 enable_hnsw bool?, ' +
    '11 memory enum?',
  StemmingAlgorithm:
    '1 snowball SnowballParams@stemming_params, 2 disabled DisabledStemmer@stemming_params',
  SnowballParams: '1 language string',
  DisabledStemmer: '',
  BoolIndexParams: '1 on_disk bool?, 2 enable_hnsw bool?, 3 memory enum?',
  DatetimeIndexParams: '1 on_disk bool?, 2 is_principal bool?, 3 enable_hnsw bool?, 4 memory enum?',
  UuidIndexParams: '1 is_tenant bool?, 2 on_disk bool?, 3 enable_hnsw bool?, 4 memory enum?',
  PayloadIndexParams:
    '3 keyword_index_params KeywordIndexParams@index_params, ' +
    '2 integer_index_params IntegerIndexParams@index_params, ' +
    '4 float_index_params FloatIndexParams@index_params, ' +
    '5 geo_index_params GeoIndexParams@index_params, ' +
    '1 text_index_params TextIndexParams@index_params, ' +
    '6 bool_index_params BoolIndexParams@index_params, ' +
    '7 datetime_index_params DatetimeIndexParams@index_params, ' +
    '8 uuid_index_params UuidIndexParams@index_params',
  PayloadSchemaInfo: '1 data_type enum, 2 params PayloadIndexParams, 3 points uint64?',
  UpdateQueueInfo: '1 length uint64, 2 deferred_points uint64?',
  CollectionInfo:
    '1 status enum, 2 optimizer_status OptimizerStatus, 4 segments_count uint64, ' +
    '7 config CollectionConfig, 8 payload_schema map:PayloadSchemaInfo, ' +
    '9 points_count uint64?, 10 indexed_vectors_count uint64?, 11 warnings CollectionWarning*, ' +
    '12 update_queue UpdateQueueInfo',
  ChangeAliases: '1 actions AliasOperations*, 2 timeout uint64?',
  AliasOperations:
    '1 create_alias CreateAlias@action, 2 rename_alias RenameAlias@action, ' +
    '3 delete_alias DeleteAlias@action',
  CreateAlias: '1 collection_name string, 2 alias_name string',
  RenameAlias: '1 old_alias_name string, 2 new_alias_name string',
  DeleteAlias: '1 alias_name string',
  ListAliasesRequest: '',
  ListCollectionAliasesRequest: '1 collection_name string',
  AliasDescription: '1 alias_name string, 2 collection_name string',
  ListAliasesResponse: '1 aliases AliasDescription*, 2 time double',
  CollectionClusterInfoRequest: '1 collection_name string',
  ShardKey: '1 keyword string@key, 2 number uint64@key',
  LocalShardInfo: '1 shard_id uint32, 2 points_count uint64, 3 state enum, 4 shard_key ShardKey',
  RemoteShardInfo: '1 shard_id uint32, 2 peer_id uint64, 3 state enum, 4 shard_key ShardKey',
  ShardTransferInfo:
    '1 shard_id uint32, 5 to_shard_id uint32?, 2 from uint64, 3 to uint64, 4 sync bool',
  ReshardingInfo: '1 shard_id uint32, 2 peer_id uint64, 3 shard_key ShardKey, 4 direction enum',
  CollectionClusterInfoResponse:
    '1 peer_id uint64, 2 shard_count uint64, 3 local_shards LocalShardInfo*, ' +
    '4 remote_shards RemoteShardInfo*, 5 shard_transfers ShardTransferInfo*, ' +
    '6 resharding_operations ReshardingInfo*, 7 time double',
  MoveShard:
    '1 shard_id uint32, 5 to_shard_id uint32?, 2 from_peer_id uint64, 3 to_peer_id uint64, ' +
    '4 method enum?',
  ReplicateShard:
    '1 shard_id uint32, 5 to_shard_id uint32?, 2 from_peer_id uint64, 3 to_peer_id uint64, ' +
    '4 method enum?',
  AbortShardTransfer:
    '1 shard_id uint32, 4 to_shard_id uint32?, 2 from_peer_id uint64, 3 to_peer_id uint64',
  RestartTransfer:
    '1 shard_id uint32, 5 to_shard_id uint32?, 2 from_peer_id uint64, 3 to_peer_id uint64, ' +
    '4 method enum',
  ReplicatePoints: '1 from_shard_key ShardKey, 2 to_shard_key ShardKey, 3 filter Filter',
  Replica: '1 shard_id uint32, 2 peer_id uint64',
  CreateShardKey:
    '1 shard_key ShardKey, 2 shards_number uint32?, 3 replication_factor uint32?, ' +
    '4 placement uint64*, 5 initial_state enum?',
  DeleteShardKey: '1 shard_key ShardKey',
  UpdateCollectionClusterSetupRequest:
    '1 collection_name string, 2 move_shard MoveShard@operation, ' +
    '3 replicate_shard ReplicateShard@operation, ' +
    '4 abort_transfer AbortShardTransfer@operation, 5 drop_replica Replica@operation, ' +
    '7 create_shard_key CreateShardKey@operation, 8 delete_shard_key DeleteShardKey@operation, ' +
    '9 restart_transfer RestartTransfer@operation, ' +
    '10 replicate_points ReplicatePoints@operation, 6 timeout uint64?',
  UpdateCollectionClusterSetupResponse: '1 result bool, 2 time double',
  CreateShardKeyRequest: '1 collection_name string, 2 request CreateShardKey, 3 timeout uint64?',
  DeleteShardKeyRequest: '1 collection_name string, 2 request DeleteShardKey, 3 timeout uint64?',
  ListShardKeysRequest: '1 collection_name string',
  CreateShardKeyResponse: '1 result bool, 2 time double',
  DeleteShardKeyResponse: '1 result bool, 2 time double',
  ShardKeyDescription: '1 key ShardKey',
  ListShardKeysResponse: '1 shard_keys ShardKeyDescription*, 2 time double',
  CreateFullSnapshotRequest: '',
  ListFullSnapshotsRequest: '',
  DeleteFullSnapshotRequest: '1 snapshot_name string',
  CreateSnapshotRequest: '1 collection_name string',
  ListSnapshotsRequest: '1 collection_name string',
  DeleteSnapshotRequest: '1 collection_name string, 2 snapshot_name string',
  SnapshotDescription: '1 name string, 2 creation_time Timestamp, 3 size int64, 4 checksum string?',
  CreateSnapshotResponse: '1 snapshot_description SnapshotDescription, 2 time double',
  ListSnapshotsResponse: '1 snapshot_descriptions SnapshotDescription*, 2 time double',
  DeleteSnapshotResponse: '1 time double',
  HealthCheckRequest: '',
  HealthCheckReply: '1 title string, 2 version string, 3 commit string?',
  Timestamp: '1 seconds int64, 2 nanos int32',
  HealthCheckResponse: '1 status enum',
  ServerReflectionRequest:
    '1 host string, 3 file_by_filename string@message_request, ' +
    '4 file_containing_symbol string@message_request, 7 list_services string@message_request',
  ServerReflectionResponse:
    '1 valid_host string, 2 original_request ServerReflectionRequest, ' +
    '6 list_services_response ListServiceResponse',
  ListServiceResponse: '1 service ServiceResponse*',
  ServiceResponse: '1 name string',
};
