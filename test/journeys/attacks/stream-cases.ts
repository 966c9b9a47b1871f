/** The fields of an HTTP/2 request, made for a key that is good and one that may do nothing. */
export type Fields = (good: string, other: string) => readonly string[];

const pseudo = (path: string, method = 'POST') => [
  ...[':method', method, ':path', path],
  ...[':scheme', 'https', ':authority', 'localhost'],
];
const to =
  (path: string, method = 'POST'): Fields =>
  (good) => [...pseudo(path, method), 'api-key', good];
const query = '/collections/pub/points/query';
const headed =
  (more: (good: string, other: string) => readonly string[]): Fields =>
  (good, other) => [...pseudo(query), ...more(good, other)];

/** Attacks by the head of an HTTP/2 request to the REST port, and what each comes to. */
export const streamCases: readonly [string, Fields, string][] = [
  ['dot segments', to('/collections/pub/../sec/points/query'), '400 unreadable-request'],
  ['encoded dots', to('/collections/pub/%2e%2e/sec/points/query'), '400 unreadable-request'],
  ['encoded letters', to('/collections/%73ec/points/query'), '403 not-permitted'],
  ['double slashes', to('//collections//sec//points/query'), '400 unreadable-request'],
  ['double encoding', to('/collections/%2573ec/points/query'), '400 unreadable-request'],
  ['no slash', to('collections/sec/points/query'), '0'],
  ['absolute form', to('https://localhost/collections/pub/points/query'), '0'],
  ['asterisk', to('*', 'OPTIONS'), '400 unreadable-request'],
  ['fragment', to(`${query}#x`), '400 unreadable-request'],
  ['invalid UTF-8', to('/collections/%ff/points/query'), '400 unreadable-request'],
  ['pattern', to('/collections/*/points/query'), '422 unreadable-request'],
  ['behind readyz', to('/readyz/../collections', 'GET'), '400 unreadable-request'],
  ['lower-case method', to(query, 'post'), '404 unknown-operation'],
  ['a method with a space', to(query, 'POST /collections/sec'), '0'],
  ['two keys', headed((g, o) => ['api-key', g, 'api-key', o]), '400 unreadable-request'],
  ['two keys, bad first', headed((g, o) => ['api-key', o, 'api-key', g]), '400 unreadable-request'],
  [
    'rivals',
    headed((g, o) => ['api-key', g, 'authorization', `Bearer ${o}`]),
    '401 not-authenticated',
  ],
  [
    'host unlike authority',
    headed((g) => ['api-key', g, 'host', 'other']),
    '400 unreadable-request',
  ],
  ['a value that says host', headed((g) => ['x', 'host', 'api-key', g]), '200'],
  [
    'forged',
    headed((g) => ['api-key', g, 'x-forwarded-for', '127.0.0.1', 'x-openai-api-key', 'x']),
    '200',
  ],
  [
    'encoded body',
    headed((g) => ['api-key', g, 'content-encoding', 'gzip']),
    '415 unreadable-request',
  ],
  ['expect', headed((g) => ['api-key', g, 'expect', '100-continue']), '417 unreadable-request'],
  ['no length', headed((g) => ['api-key', g, 'content-length', 'x']), '0'],
  ['a shorter length', headed((g) => ['api-key', g, 'content-length', '2']), '0'],
  ['a longer length', headed((g) => ['api-key', g, 'content-length', '20']), '0'],
  [
    'too many fields',
    headed((g) => [...Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'y']).flat(), 'api-key', g]),
    '0',
  ],
  [
    'too large a head',
    headed((g) => ['x', 'y'.repeat(20_000), 'api-key', g]),
    '431 unreadable-request',
  ],
];
