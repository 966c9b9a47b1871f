import { delimited, varint } from '../../fuzz/support/calls.ts';
import { encode, type Plain } from '../../support/milvus/messages.ts';

const service = '/milvus.proto.milvus.MilvusService/';
const text = (field: number, value: string) => delimited(field, Buffer.from(value));
const all = (...parts: Buffer[]) => Buffer.concat(parts);
const of = (type: string, content: Plain) => encode(`${type}Request`, content);
const pub = text(3, 'pub');
const expression = all(varint(7 * 8), varint(1));

const denied = '7 not-permitted';
const unread = '3 unreadable-request';
const unknown = '7 unknown-operation';
const passes = '0 null';

/** What it is, what it comes to, a method or path, its message, more metadata. */
export type MilvusCallCase = readonly [string, string, string, Buffer, (readonly string[])?];

const messages: readonly MilvusCallCase[] = [
  ['replication inside the base', passes, 'Query', all(delimited(1, text(7, 'sec')), pub)],
  ['properties inside the base', passes, 'Query', all(delimited(1, text(6, 'sec')), pub)],
  ['an unknown field of the base', unread, 'Query', all(delimited(1, text(9, 'sec')), pub)],
  [
    'the base twice',
    unread,
    'Query',
    all(delimited(1, text(7, 'a')), delimited(1, text(7, 'sec')), pub),
  ],
  ['an unknown field', unread, 'Query', all(pub, text(99, 'sec'))],
  ['a name in a longer tag', denied, 'Query', all(varint(26, 1), varint(3, 1), Buffer.from('sec'))],
  ['a name, then an empty one', unread, 'Query', all(pub, text(3, ''))],
  ['a principal of row level security', passes, 'Query', all(pub, text(15, 'sec'))],
  ['row level security skipped', passes, 'Query', all(pub, varint(16 * 8), varint(1))],
  [
    'a foreign name among many',
    denied,
    'BatchDescribeCollection',
    all(text(2, 'pub'), text(2, 'sec')),
  ],
  ['packed ids', passes, 'BatchDescribeCollection', all(text(2, 'pub'), delimited(3, varint(7)))],
  ['ids one by one', passes, 'BatchDescribeCollection', all(text(2, 'pub'), varint(24), varint(7))],
  ['a partition that is a pattern', unread, 'Query', all(pub, text(6, '*'))],
  ['a partition with a path', unread, 'Query', all(pub, text(6, '../sec'))],
  ['a space before a name', unread, 'Query', text(3, ' sec')],
  ['a NUL behind a name', unread, 'Query', text(3, 'pub\0sec')],
  ['an alias', denied, 'Query', text(3, 'sec_alias')],
  [
    'a sub-request of a hybrid search',
    unread,
    'HybridSearch',
    all(pub, delimited(5, all(text(3, 'sec'), expression))),
  ],
  ['a search of the kind that ends Milvus 2.3', unread, 'Search', all(pub, text(5, 'x'))],
  [
    'the schema of another',
    unread,
    'CreateCollection',
    all(text(3, 'ghost'), delimited(4, text(1, 'sec'))),
  ],
  [
    'the schema in another database',
    unread,
    'CreateCollection',
    all(text(3, 'ghost'), delimited(4, text(8, 'acme'))),
  ],
];

const renames: readonly MilvusCallCase[] = [
  [
    'a rename onto another',
    denied,
    'RenameCollection',
    of('RenameCollection', { oldName: 'pub', newName: 'sec' }),
  ],
  [
    'a rename of another',
    denied,
    'RenameCollection',
    of('RenameCollection', { oldName: 'sec', newName: 'ghost' }),
  ],
  [
    'a rename across databases',
    denied,
    'RenameCollection',
    of('RenameCollection', { oldName: 'pub', newName: 'ghost', newDBName: 'acme' }),
  ],
  [
    'a rename out of another database',
    denied,
    'RenameCollection',
    of('RenameCollection', {
      db_name: 'acme',
      oldName: 'pub',
      newName: 'ghost',
      newDBName: 'default',
    }),
  ],
  [
    'an alias with a name of another',
    denied,
    'CreateAlias',
    of('CreateAlias', { collection_name: 'pub', alias: 'sec' }),
  ],
  [
    'an alias to another',
    denied,
    'CreateAlias',
    of('CreateAlias', { collection_name: 'sec', alias: 'ghost' }),
  ],
  [
    'an alias to an alias of another',
    denied,
    'CreateAlias',
    of('CreateAlias', { collection_name: 'sec_alias', alias: 'ghost' }),
  ],
  [
    'an alias moved to another',
    denied,
    'AlterAlias',
    of('AlterAlias', { collection_name: 'sec', alias: 'pub_alias' }),
  ],
  [
    'an alias moved from another',
    denied,
    'AlterAlias',
    of('AlterAlias', { collection_name: 'pub', alias: 'sec_alias' }),
  ],
  ['an alias of another dropped', denied, 'DropAlias', of('DropAlias', { alias: 'sec_alias' })],
  [
    'an alias that is trimmed',
    unread,
    'AlterAlias',
    of('AlterAlias', { collection_name: 'pub', alias: ' sec_alias' }),
  ],
  [
    "a collection with an alias's name",
    denied,
    'CreateCollection',
    of('CreateCollection', { collection_name: 'sec_alias' }),
  ],
  [
    'a drop by an alias',
    denied,
    'DropCollection',
    of('DropCollection', { collection_name: 'sec_alias' }),
  ],
];

const beyond: readonly MilvusCallCase[] = [
  ['an import', denied, 'Import', of('Import', { collection_name: 'pub', files: ['sec.json'] })],
  [
    'an external source',
    denied,
    'RefreshExternalCollection',
    of('RefreshExternalCollection', { collection_name: 'pub' }),
  ],
  ['a snapshot from elsewhere', denied, 'RestoreExternalSnapshot', text(3, 'ghost')],
  ['a snapshot to elsewhere', denied, 'ExportSnapshot', text(4, 'pub')],
  ['a manifest', denied, 'BatchUpdateManifest', pub],
  ['a file resource', denied, 'AddFileResource', text(2, 'sec')],
  [
    'a replica moved',
    denied,
    'TransferReplica',
    of('TransferReplica', { collection_name: 'pub', source_resource_group: 'a' }),
  ],
  [
    'segments by their ids',
    denied,
    'LoadBalance',
    of('LoadBalance', { collectionName: 'pub', sealed_segmentIDs: ['7'] }),
  ],
  [
    'a load into a resource group',
    denied,
    'LoadCollection',
    of('LoadCollection', { collection_name: 'pub', resource_groups: ['sec'] }),
  ],
  ['the state of an import', denied, 'GetImportState', varint(8)],
  [
    'a list of imports',
    denied,
    'ListImportTasks',
    of('ListImportTasks', { collection_name: 'pub' }),
  ],
];

const contradictions: readonly MilvusCallCase[] = [
  ['another database in the metadata', denied, 'Query', pub, ['dbname', 'acme']],
  ['one in each', unread, 'Query', all(text(2, 'default'), pub), ['dbname', 'acme']],
  ['one in each, turned round', unread, 'Query', all(text(2, 'acme'), pub), ['dbname', 'default']],
  ['one twice', unread, 'Query', pub, ['dbname', 'default', 'dbname', 'default']],
  ['one with a space', unread, 'Query', pub, ['dbname', 'acme default']],
  ['binary metadata', passes, 'Query', pub, ['dbname-bin', 'YWNtZQ==', 'sourceid-bin', 'QEA=']],
  ['the header of REST', passes, 'Query', pub, ['db-name', 'acme']],
  ['row level security', passes, 'Query', pub, ['skip_rls', 'true', 'rls_principal', 'sec']],
  ['another spelling of sourceid', unread, 'Query', pub, ['source_id', 'QEA=']],
  ['another case of a service', unknown, `${service.toLowerCase()}Query`, pub],
  ['another case of a method', unknown, 'query', pub],
  ['a slash behind a method', unknown, 'Query/', pub],
  ['two slashes before a service', unknown, `/${service}Query`, pub],
  ['an escape in a method', unknown, '%51uery', pub],
  ['a query behind a method', unknown, 'Query?dbname=acme', pub],
  ['the internal proxy', unknown, '/milvus.proto.proxy.Proxy/GetDdChannel', pub],
];

/** Attacks by a call of whoever may do all with `pub`, `pub_alias` and `ghost*` of `default`. */
export const callTables: readonly (readonly [string, readonly MilvusCallCase[]])[] = [
  ['message', messages],
  ['change of names', renames],
  ['reach beyond a collection', beyond],
  ['head', contradictions],
];
