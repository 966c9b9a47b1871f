/** A body for `POST /collections/pub/points/…`, and what it comes to for whoever may use `pub`,
 * `pub2` and `pub_alias` alone: the status, or the collections it reached. */
export type BodyCase = readonly [
  name: string,
  path: string,
  body: string,
  expected: number | string,
];

const sec = '{"collection":"sec"}';
const alias = '{"collection":"sec_alias"}';
const query = (rest: string): string => `{"query":1,${rest}}`;
const deep = (levels: number, inner: string): string =>
  `${'{"prefetch":'.repeat(levels)}${inner}${',"query":1}'.repeat(levels)}`;
const escaped = (text: string): string =>
  [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const batch = (at: number, of: number, odd: string): string => {
  const searches = Array.from({ length: of }, (_, index) => (index === at ? odd : '{"query":1}'));
  return `{"searches":[${searches.join(',')}]}`;
};

/** References that must be found wherever they hide. */
export const bodyCases: readonly BodyCase[] = [
  ['lookup_from', 'query', query(`"lookup_from":${sec}`), 403],
  ['lookup_from an alias', 'query', query(`"lookup_from":${alias}`), 403],
  [
    'lookup_from an alias that looks public',
    'query',
    query('"lookup_from":{"collection":"pubalias"}'),
    403,
  ],
  [
    'lookup_from what is allowed',
    'query',
    query('"lookup_from":{"collection":"pub2"}'),
    'pub,pub2',
  ],
  [
    'lookup_from an alias that is allowed',
    'query',
    query('"lookup_from":{"collection":"pub_alias"}'),
    'pub',
  ],
  ['escaped key', 'query', query(`"lookup\\u005ffrom":${sec}`), 403],
  [
    'every letter escaped',
    'query',
    query(`"${escaped('lookup_from')}":{"${escaped('collection')}":"${escaped('sec')}"}`),
    403,
  ],
  [
    'pub first, then sec',
    'query',
    query(`"lookup_from":{"collection":"pub"},"lookup_from":${sec}`),
    400,
  ],
  [
    'sec first, then pub',
    'query',
    query(`"lookup_from":${sec},"lookup_from":{"collection":"pub"}`),
    400,
  ],
  [
    'twice by escape',
    'query',
    query(`"lookup_from":{"collection":"pub"},"lookup\\u005ffrom":${sec}`),
    400,
  ],
  [
    'collection twice',
    'query',
    query('"lookup_from":{"collection":"pub","collection":"sec"}'),
    400,
  ],
  ['positional', 'query', query('"lookup_from":["sec"]'), 400],
  ['a string', 'query', query('"lookup_from":"sec"'), 400],
  ['a list of them', 'query', query(`"lookup_from":[${sec}]`), 400],
  ['null', 'query', query('"lookup_from":null'), 'pub'],
  ['another case', 'query', query(`"Lookup_From":${sec}`), 'pub'],
  ['long s', 'query', query(`"lookup_from":{"collection":"pub","collec\u017fion":"sec"}`), 'pub'],
  ['prefetch', 'query', query(`"prefetch":{"query":1,"lookup_from":${sec}}`), 403],
  [
    'prefetch in a list',
    'query',
    query(`"prefetch":[{"query":1},{"query":1,"lookup_from":${sec}}]`),
    403,
  ],
  ['five levels deep', 'query', deep(5, `{"query":1,"lookup_from":${sec}}`), 403],
  ['fifty levels deep', 'query', deep(50, `{"query":1,"lookup_from":${sec}}`), 403],
  [
    'positional prefetch',
    'query',
    query('"prefetch":[[null,1,null,null,null,null,5,["sec"]]]'),
    400,
  ],
  [
    'positional inside a prefetch',
    'query',
    query('"prefetch":{"query":1,"lookup_from":["sec"]}'),
    400,
  ],
  [
    'prefetch twice',
    'query',
    query(`"prefetch":{"query":1},"prefetch":{"query":1,"lookup_from":${sec}}`),
    400,
  ],
  ['escaped prefetch', 'query', query(`"prefet\\u0063h":{"query":1,"lookup_from":${sec}}`), 403],
  ['batch item 57 of 100', 'query/batch', batch(57, 100, query(`"lookup_from":${sec}`)), 403],
  ['batch, deep', 'query/batch', batch(57, 100, deep(5, `{"query":1,"lookup_from":${sec}}`)), 403],
  ['batch, positional', 'query/batch', batch(57, 100, '["lookup_from",1]'), 400],
  [
    'batch twice',
    'query/batch',
    `{"searches":[],"searches":[${query(`"lookup_from":${sec}`)}]}`,
    400,
  ],
  ['batch as a list', 'query/batch', `[[${query(`"lookup_from":${sec}`)}]]`, 400],
  ['with_lookup', 'query/groups', query(`"group_by":"k","with_lookup":${sec}`), 403],
  ['with_lookup, short', 'query/groups', query('"group_by":"k","with_lookup":"sec"'), 403],
  ['with_lookup, positional', 'query/groups', query('"group_by":"k","with_lookup":["sec"]'), 400],
  [
    'with_lookup, an alias',
    'search/groups',
    '{"vector":[1,1],"group_by":"k","limit":1,"group_size":1,"with_lookup":"sec_alias"}',
    403,
  ],
  ['recommend', 'recommend', `{"positive":[1],"limit":1,"lookup_from":${sec}}`, 403],
  [
    'recommend batch',
    'recommend/batch',
    `{"searches":[{"positive":[1],"limit":1,"lookup_from":${sec}}]}`,
    403,
  ],
  [
    'recommend groups',
    'recommend/groups',
    `{"positive":[1],"group_by":"k","limit":1,"group_size":1,"with_lookup":${sec}}`,
    403,
  ],
  ['discover', 'discover', `{"target":1,"limit":1,"lookup_from":${sec}}`, 403],
  [
    'discover batch',
    'discover/batch',
    `{"searches":[{"target":1,"limit":1,"lookup_from":${sec}}]}`,
    403,
  ],
  ['two documents', 'query', `{"query":1}${query(`"lookup_from":${sec}`)}`, 400],
  ['a document behind a NUL', 'query', `${query(`"lookup_from":${sec}`)}\0{}`, 400],
  ['byte order mark', 'query', `\ufeff${query(`"lookup_from":${sec}`)}`, 400],
  ['a comment', 'query', `{/*"*/"lookup_from":${sec}/*"*/}`, 400],
  ['no-break space', 'query', query(`"lookup_from"\u00a0:${sec}`), 400],
  ['trailing comma', 'query', query(`"lookup_from":${sec},`), 400],
  ['depth 100,000', 'query', `{"lookup":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400],
  [
    'a million keys',
    'query',
    `{"lookup":{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join(',')}}}`,
    400,
  ],
  ['lone surrogate', 'query', query('"lookup_from":{"collection":"\\ud800"}'), 400],
  ['a name with NUL', 'query', query('"lookup_from":{"collection":"sec\\u0000"}'), 400],
  ['a name out of grammar', 'query', query('"lookup_from":{"collection":"../sec"}'), 400],
  ['__proto__', 'query', query(`"__proto__":{"lookup_from":${sec}}`), 'pub'],
  ['a number for a name', 'query', query('"lookup_from":{"collection":1}'), 400],
  ['no body at all', 'query', '', 400],
  ['an id above 2^53', 'query', '{"query":9007199254740993,"prefetch":[]}', 404],
];

const move = (alias: string, to: string): string =>
  `{"create_alias":{"collection_name":"${to}","alias_name":"${alias}"}}`;
const rename = (from: string, to: string): string =>
  `{"rename_alias":{"old_alias_name":"${from}","new_alias_name":"${to}"}}`;
const drop = (alias: string): string => `{"delete_alias":{"alias_name":"${alias}"}}`;
const actions = (...all: string[]): string => `{"actions":[${all.join(',')}]}`;

/** Changes of aliases by whoever may manage `pub`, `pub2`, `pub_alias` and `ghost*`. */
export const aliasCases: readonly (readonly [string, string, number])[] = [
  ['retarget to sec', actions(move('pub_alias', 'sec')), 403],
  ['retarget to an alias of sec', actions(move('pub_alias', 'sec_alias')), 403],
  ['take an alias of sec', actions(move('sec_alias', 'pub')), 403],
  ['rename an alias of sec', actions(rename('sec_alias', 'ghost1')), 403],
  ['rename onto an alias of sec', actions(rename('pub_alias', 'sec_alias')), 403],
  ['delete an alias of sec', actions(drop('sec_alias')), 403],
  ['take the name of a collection', actions(rename('pub_alias', 'pub2')), 409],
  ['shadow sec', actions(rename('pub_alias', 'sec')), 403],
  ['shadow by creation', actions(move('pub2', 'pub')), 409],
  [
    'swap within one list',
    actions(move('ghost1', 'pub'), rename('ghost1', 'ghost2'), move('ghost1', 'sec')),
    403,
  ],
  [
    'chain through a new alias',
    actions(move('ghost1', 'pub'), move('ghost2', 'ghost1'), rename('sec_alias', 'ghost3')),
    403,
  ],
  [
    'create twice beside delete',
    `{"actions":[{"create_alias":{"collection_name":"pub","alias_name":"ghost1"},"create_alias":{"collection_name":"pub","alias_name":"ghost1"},"delete_alias":{"alias_name":"sec_alias"}}]}`,
    400,
  ],
  [
    'two actions in one',
    `{"actions":[{"create_alias":{"collection_name":"pub","alias_name":"ghost1"},"delete_alias":{"alias_name":"sec_alias"}}]}`,
    400,
  ],
  ['positional action', '{"actions":[{"create_alias":["sec","ghost1"]}]}', 400],
  ['positional actions', '[[{"delete_alias":{"alias_name":"sec_alias"}}]]', 400],
  ['unknown action', '{"actions":[{"swap_alias":{"alias_name":"pub_alias"}}]}', 400],
  ['actions twice', `{"actions":[],"actions":[${drop('sec_alias')}]}`, 400],
  ['a name out of grammar', actions(move('a/../b', 'pub')), 400],
  ['no action', '{"actions":[]}', 403],
];
