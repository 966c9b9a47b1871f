import { message } from './define.ts';
import type { Field, Message } from './message.ts';

/** The field marked so is a string. */
function text(mark: string): Field {
  return { kind: 'text', mark };
}

function one(inner: Message, mark?: string): Field {
  const field = { kind: 'message', message: inner } as const;
  return mark === undefined ? field : { ...field, mark };
}

const cut: Field = { kind: 'cut' };
const flag = (mark: string): Field => ({ kind: 'flag', mark });
const number = (mark: string): Field => ({ kind: 'number', mark });

/** Timestamps of a replication must not come from a client (2.5: internal/proxy/util.go). */
const msgBase = message('MsgBase', 'vvvvvSs', { 6: cut, 7: cut });
const base = one(msgBase);
const database = text('database');
const collection = text('collection');
const partition = text('partition');
const id = number('id');
const rls = { principal: cut, skip: cut };

/** What most requests begin with: MsgBase, their database, their collection. */
const usual = { 1: base, 2: database, 3: collection } as const;

const parameter = message('KeyValuePair', 'ss', {
  1: text('parameter-key'),
  2: text('parameter-value'),
});
const typeParameter = message('KeyValuePair', 'ss', { 2: text('analyzer') });
const property = one(message('KeyValuePair', 'ss', { 1: text('property') }));
const functionSchema = message('FunctionSchema', 'svsvSVSVS', {
  4: number('function-type'),
  9: one(parameter),
});
const functionField = one(functionSchema, 'function');
const functionScore = one(message('FunctionScore', 'SS', { 1: functionField }));
const fieldSchema = message('FieldSchema', 'vsvsvSSvvvsvvvvvs', {
  6: one(typeParameter),
  17: flag('external'),
});
const structSchema = message('StructArrayFieldSchema', 'vssSSv', {
  4: one(fieldSchema),
  5: one(typeParameter),
});
const collectionSchema = message('CollectionSchema', 'ssvSvSSsSvssvVv', {
  1: text('echo'),
  4: one(fieldSchema),
  6: property,
  7: functionField,
  8: text('echo-database'),
  9: one(structSchema),
  11: flag('external'),
  12: flag('external'),
  14: flag('file'),
});
const fieldInfo = message('FieldInfo', 'ssS', { 1: one(fieldSchema) });
const addRequest = message('AddRequest', 'SSv', { 1: one(fieldInfo), 2: functionField });
const action = message('Action', 'ss', { 1: one(addRequest) });
const highlighter = message('Highlighter', 'vS', { 1: flag('model') });

const searching = 'sssSssvSSvvvvvvvSSsssssSsv';
/** DslType BoolExprV1, which every SDK sends: at the older kind, which is what a search without the
 * field asks for, Milvus 2.3 ends. */
const expression: Field = { kind: 'only', value: '1' };
const searchMarks = {
  4: partition,
  6: flag('placeholders'),
  7: expression,
  12: number('vectors'),
  19: functionScore,
  21: one(highlighter),
  22: flag('ids'),
  24: flag('model'),
  25: rls.principal,
  26: rls.skip,
};
const subSearch = message('SearchRequest', searching, {
  ...searchMarks,
  1: base,
  2: text('echo-database'),
  3: text('echo'),
});

/** A request about its one collection that names nothing else. */
function plain(what: string, wires: string): Message {
  return message(what, wires, usual);
}

/** A request without a collection that names its database in this field. */
function inDatabase(what: string, wires: string, at = 2): Message {
  return message(what, wires, { 1: base, [at]: database });
}

/** A request that is about the whole server, or about nothing. */
function wide(what: string, wires: string, hasBase = true): Message {
  return message(what, wires, hasBase ? { 1: base } : {});
}

/** The request messages of Milvus (milvus-proto, proto/milvus.proto, with what its master adds):
 * where each names what it is about, and what else matters of it. */
export const messages = {
  plain,
  inDatabase,
  wide,
  createCollection: message('CreateCollectionRequest', 'ssssvvSv', {
    ...usual,
    4: one(collectionSchema),
    7: property,
  }),
  describeCollection: message('DescribeCollectionRequest', 'sssvv', { ...usual, 4: id }),
  batchDescribe: message('BatchDescribeCollectionRequest', 'sSV', {
    1: database,
    2: collection,
    3: cut,
  }),
  showCollections: message('ShowCollectionsRequest', 'ssvvS', {
    1: base,
    2: database,
    5: collection,
  }),
  alterCollection: message('AlterCollectionRequest', 'sssvSS', {
    ...usual,
    4: id,
    5: property,
    6: text('property'),
  }),
  alterField: message('AlterCollectionFieldRequest', 'ssssSS', {
    ...usual,
    5: one(typeParameter),
  }),
  addFunction: message('AddCollectionFunctionRequest', 'sssvs', {
    ...usual,
    4: id,
    5: functionField,
  }),
  alterFunction: message('AlterCollectionFunctionRequest', 'sssvss', {
    ...usual,
    4: id,
    6: functionField,
  }),
  dropFunction: message('DropCollectionFunctionRequest', 'sssvs', { ...usual, 4: id }),
  onePartition: (what: string, wires: string): Message =>
    message(what, wires, { ...usual, 4: partition }),
  showPartitions: message('ShowPartitionsRequest', 'sssvSv', { ...usual, 4: id, 5: partition }),
  progress: (what: string): Message =>
    message(what, 'ssSs', { 1: base, 2: collection, 3: partition, 4: database }),
  alias: (what: string): Message => message(what, 'ssss', { ...usual, 4: text('alias') }),
  aliasOnly: (what: string): Message =>
    message(what, 'sss', { 1: base, 2: database, 3: text('alias') }),
  insert: message('InsertRequest', 'ssssSVvvssv', {
    ...usual,
    4: partition,
    7: number('rows'),
    10: rls.principal,
    11: rls.skip,
  }),
  upsert: message('UpsertRequest', 'ssssSVvvvsSsv', {
    ...usual,
    4: partition,
    7: number('rows'),
    12: rls.principal,
    13: rls.skip,
  }),
  delete: message('DeleteRequest', 'sssssVvSssv', {
    ...usual,
    4: partition,
    10: rls.principal,
    11: rls.skip,
  }),
  search: message('SearchRequest', searching, { ...usual, ...searchMarks }),
  hybridSearch: message('HybridSearchRequest', 'sssSSSvvvSvvssSsv', {
    ...usual,
    4: partition,
    5: one(subSearch),
    13: functionScore,
    15: flag('model'),
    16: rls.principal,
    17: rls.skip,
  }),
  query: message('QueryRequest', 'ssssSSvvSvvvSssv', {
    ...usual,
    6: partition,
    15: rls.principal,
    16: rls.skip,
  }),
  load: message('LoadCollectionRequest', 'sssvSvSvS', {
    ...usual,
    5: flag('resource-group'),
    6: number('refresh'),
  }),
  loadPartitions: message('LoadPartitionsRequest', 'sssSvSvSvS', {
    ...usual,
    4: partition,
    6: flag('resource-group'),
  }),
  addField: message('AddCollectionFieldRequest', 'sssvs', { ...usual, 4: id, 5: one(fieldSchema) }),
  addStructField: message('AddCollectionStructFieldRequest', 'sssvs', {
    ...usual,
    4: id,
    5: one(structSchema),
  }),
  alterSchema: message('AlterCollectionSchemaRequest', 'sssvs', {
    ...usual,
    4: id,
    5: one(action),
  }),
  flushState: message('GetFlushStateRequest', 'Vvss', { 3: database, 4: collection }),
  replicas: message('GetReplicasRequest', 'svvss', {
    1: base,
    2: id,
    4: collection,
    5: database,
  }),
  compact: message('ManualCompactionRequest', 'vvvssvsVvv', {
    1: id,
    4: collection,
    5: database,
    6: flag('segment'),
    7: flag('segment'),
    8: flag('segment'),
  }),
  alterDatabase: message('AlterDatabaseRequest', 'sssSS', { 1: base, 2: database, 3: cut }),
  loadBalance: message('LoadBalanceRequest', 'svVVss', { 1: base, 5: collection, 6: database }),
  import: message('ImportRequest', 'ssSvSSss', { 1: collection, 2: partition, 7: database }),
  listImports: message('ListImportTasksRequest', 'svs', { 1: collection, 3: database }),
  transferReplica: message('TransferReplicaRequest', 'ssssvs', {
    1: base,
    4: collection,
    6: database,
  }),
  rename: message('RenameCollectionRequest', 'sssss', {
    ...usual,
    4: text('new-collection'),
    5: text('target-database'),
  }),
  runAnalyzer: message('RunAnalyzerRequest', 'ssSvvsssS', {
    1: base,
    2: text('analyzer'),
    6: database,
    7: collection,
  }),
  matchSlop: message('ComputePhraseMatchSlopRequest', 'sssS', { 1: base, 2: text('analyzer') }),
  restoreSnapshot: message('RestoreSnapshotRequest', 'ssssvss', {
    1: base,
    3: database,
    4: collection,
    6: text('target-database'),
    7: text('target-collection'),
  }),
  /** Requests about a snapshot name their collection at 4, their database at 3. */
  snapshot: (what: string, wires: string): Message =>
    message(what, wires, { 1: base, 3: database, 4: collection }),
  createSnapshot: message('CreateSnapshotRequest', 'sssssv', {
    1: base,
    4: database,
    5: collection,
  }),
} as const;
