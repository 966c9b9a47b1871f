import { judgeAlias, judgeDescribedAlias } from './aliases.ts';
import { trims } from './answers.ts';
import { judgeCreate } from './create.ts';
import { row, rpc } from './define.ts';
import { judgeLoad } from './load.ts';
import { messages } from './messages.ts';
import type { Row } from './row.ts';
import { judgeRename } from './targets.ts';

const changes = true;
const beyond = true;
const renames = true;
const literal = true;

/** Collections, what they are made of, and their aliases. */
export const collectionRows: readonly Row[] = [
  row('collections.create', 'manage', 'collection.create', {
    rpc: rpc('CreateCollection', messages.createCollection),
    changes,
    literal,
    renames,
    judge: judgeCreate,
  }),
  row('collections.drop', 'manage', 'collection.drop', {
    rpc: rpc('DropCollection', messages.plain('DropCollectionRequest', 'sss')),
    changes,
    literal,
    renames,
  }),
  row('collections.has', 'list', 'collection.list', {
    rpc: rpc('HasCollection', messages.plain('HasCollectionRequest', 'sssv')),
  }),
  row('collections.load', 'write', 'collection.change', {
    rpc: rpc('LoadCollection', messages.load),
    changes,
    judge: judgeLoad,
  }),
  row('collections.release', 'manage', 'collection.change', {
    rpc: rpc('ReleaseCollection', messages.plain('ReleaseCollectionRequest', 'sss')),
    changes,
  }),
  row('collections.describe', 'list', 'collection.list', {
    rpc: rpc('DescribeCollection', messages.describeCollection),
    trim: trims.description,
  }),
  row('collections.batch_describe', 'list', 'collection.list', {
    rpc: rpc('BatchDescribeCollection', messages.batchDescribe),
    trim: trims.descriptions,
  }),
  row('collections.stats', 'list', 'collection.list', {
    rpc: rpc('GetCollectionStatistics', messages.plain('GetCollectionStatisticsRequest', 'sss')),
  }),
  row('collections.list', 'list', 'collection.list', {
    rpc: rpc('ShowCollections', messages.showCollections),
    about: 'database',
    trim: trims.collections,
  }),
  row('collections.alter', 'manage', 'collection.change', {
    rpc: rpc('AlterCollection', messages.alterCollection),
    changes,
  }),
  row('collections.fields.alter', 'manage', 'collection.change', {
    rpc: rpc('AlterCollectionField', messages.alterField),
    changes,
  }),
  row('collections.functions.add', 'manage', 'collection.change', {
    rpc: rpc('AddCollectionFunction', messages.addFunction),
    changes,
  }),
  row('collections.functions.alter', 'manage', 'collection.change', {
    rpc: rpc('AlterCollectionFunction', messages.alterFunction),
    changes,
  }),
  row('collections.functions.drop', 'manage', 'collection.change', {
    rpc: rpc('DropCollectionFunction', messages.dropFunction),
    changes,
  }),
  row('collections.truncate', 'manage', 'data.delete', {
    rpc: rpc('TruncateCollection', messages.plain('TruncateCollectionRequest', 'sss')),
    changes,
  }),
  row('collections.prewarm', 'write', 'collection.change', {
    rpc: rpc('Prewarm', messages.plain('PrewarmRequest', 'ssssvSSvSvs')),
    changes,
  }),
  row('collections.loading_progress', 'list', 'collection.list', {
    rpc: rpc('GetLoadingProgress', messages.progress('GetLoadingProgressRequest')),
  }),
  row('collections.load_state', 'list', 'collection.list', {
    rpc: rpc('GetLoadState', messages.progress('GetLoadStateRequest')),
  }),
  row('aliases.create', 'manage', 'alias.change', {
    rpc: rpc('CreateAlias', messages.alias('CreateAliasRequest')),
    changes,
    renames,
    judge: judgeAlias,
  }),
  row('aliases.drop', 'manage', 'alias.change', {
    rpc: rpc('DropAlias', messages.aliasOnly('DropAliasRequest')),
    about: 'database',
    changes,
    renames,
    judge: judgeAlias,
  }),
  row('aliases.alter', 'manage', 'alias.change', {
    rpc: rpc('AlterAlias', messages.alias('AlterAliasRequest')),
    changes,
    renames,
    judge: judgeAlias,
  }),
  row('aliases.describe', 'list', 'collection.list', {
    rpc: rpc('DescribeAlias', messages.aliasOnly('DescribeAliasRequest')),
    about: 'database',
    judge: judgeDescribedAlias,
  }),
  row('aliases.list', 'list', 'collection.list', {
    rpc: rpc('ListAliases', messages.plain('ListAliasesRequest', 'sss')),
    about: 'database',
    trim: trims.aliases,
  }),
  row('collections.flush', 'write', 'collection.change', {
    rpc: rpc('Flush', messages.plain('FlushRequest', 'ssS')),
    changes,
  }),
  row('collections.fields.add', 'manage', 'collection.change', {
    rpc: rpc('AddCollectionField', messages.addField),
    changes,
  }),
  row('collections.struct_fields.add', 'manage', 'collection.change', {
    rpc: rpc('AddCollectionStructField', messages.addStructField),
    changes,
  }),
  row('collections.flush_state', 'list', 'collection.list', {
    rpc: rpc('GetFlushState', messages.flushState),
  }),
  row('collections.compact', 'write', 'collection.change', {
    rpc: rpc('ManualCompaction', messages.compact),
    changes,
  }),
  row('collections.rename', 'manage', 'collection.change', {
    rpc: rpc('RenameCollection', messages.rename),
    changes,
    literal,
    renames,
    judge: judgeRename,
  }),
  row('collections.schema.alter', 'manage', 'collection.change', {
    rpc: rpc('AlterCollectionSchema', messages.alterSchema),
    changes,
  }),
  row('collections.manifest.update', 'admin', 'database.change', {
    rpc: rpc('BatchUpdateManifest', messages.plain('BatchUpdateManifestRequest', 'sssSS')),
    changes,
    beyond,
  }),
];
