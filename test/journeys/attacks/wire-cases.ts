/** A request in bytes; made for a key that is good and one that may do nothing. */
export type Wire = (good: string, other: string) => string;

const query = '{"query":1}';

/** A POST that the principal may make, save for what a case does to it. */
function post(target: string, more: readonly string[] = [], body = query): Wire {
  return (good) => {
    const head = [`POST ${target} HTTP/1.1`, 'Host: localhost', `api-key: ${good}`];
    const framing = [
      `content-length: ${Buffer.byteLength(body)}`,
      'content-type: application/json',
    ];
    return `${[...head, ...framing, ...more].join('\r\n')}\r\n\r\n${body}`;
  };
}
const get =
  (target: string): Wire =>
  (good) =>
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\napi-key: ${good}\r\n\r\n`;
/** A POST whose head a case writes itself. */
function headed(lines: (good: string, other: string) => readonly string[], body = query): Wire {
  return (good, other) => {
    const first = 'POST /collections/pub/points/query HTTP/1.1';
    return `${[first, ...lines(good, other)].join('\r\n')}\r\n\r\n${body}`;
  };
}
const length = `content-length: ${query.length}`;
const smuggled = 'GET /collections/sec HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Attacks on one HTTP/1.1 connection, and what each comes to: a status with its refusal, or the end
 * of the connection. What is answered 200 is harmless: it reached `pub` alone. */
export const wireCases: readonly [string, Wire, string][] = [
  ['dot segments', post('/collections/pub/../sec/points/query'), '400 unreadable-request'],
  ['encoded dots', post('/collections/pub/%2e%2e/sec/points/query'), '400 unreadable-request'],
  ['mixed dots', post('/collections/pub/.%2E/sec/points/query'), '400 unreadable-request'],
  ['single dot', post('/collections/./sec/points/query'), '400 unreadable-request'],
  ['encoded letters', post('/collections/%73ec/points/query'), '403 not-permitted'],
  ['encoded word', post('/%63ollections/sec/points/query'), '403 not-permitted'],
  ['double slashes', post('//collections//sec//points/query'), '400 unreadable-request'],
  ['double encoding', post('/collections/%2573ec/points/query'), '400 unreadable-request'],
  ['encoded slash', post('/collections/pub%2f..%2fsec/points/query'), '400 unreadable-request'],
  ['backslash', post('/collections/pub\\..\\sec/points/query'), '400 unreadable-request'],
  ['encoded backslash', post('/collections/pub%5c..%5csec/points/query'), '400 unreadable-request'],
  [
    'absolute form',
    post('http://localhost/collections/sec/points/query'),
    '400 unreadable-request',
  ],
  [
    'absolute form of pub',
    post('http://localhost/collections/pub/points/query'),
    '400 unreadable-request',
  ],
  ['authority form', post('localhost:443'), '400 unreadable-request'],
  ['asterisk form', post('*'), '400 unreadable-request'],
  ['no slash', post('collections/sec/points/query'), '400 unreadable-request'],
  ['fragment', post('/collections/pub/points/query#/../../sec'), '400 unreadable-request'],
  ['matrix parameter', post('/collections/sec;x=1/points/query'), '422 unreadable-request'],
  ['NUL', post('/collections/pub%00sec/points/query'), '400 unreadable-request'],
  ['raw NUL', post('/collections/pub\0sec/points/query'), '400 unreadable-request'],
  [
    'encoded line end',
    post('/collections/pub%0d%0aapi-key:%20x/points/query'),
    '400 unreadable-request',
  ],
  ['raw tab', post('/collections/pub\tsec/points/query'), '400 unreadable-request'],
  ['invalid UTF-8', post('/collections/%ff/points/query'), '400 unreadable-request'],
  ['overlong UTF-8', post('/collections/%c0%aesec/points/query'), '400 unreadable-request'],
  ['raw latin1', post('/collections/s\xe9c/points/query'), '400 unreadable-request'],
  ['pattern', post('/collections/*/points/query'), '422 unreadable-request'],
  ['question mark pattern', post('/collections/pu%3f/points/query'), '422 unreadable-request'],
  ['300 bytes', post(`/collections/${'p'.repeat(300)}/points/query`), '422 unreadable-request'],
  ['another case', post('/Collections/sec/points/query'), '404 unknown-operation'],
  ['trailing slash', post('/collections/sec/points/query/'), '400 unreadable-request'],
  ['plus', post('/collections/pub+/points/query'), '422 unreadable-request'],
  ['space', post('/collections/sec%20/points/query'), '422 unreadable-request'],
  [
    'query names it',
    post('/collections/pub/points/query?collection_name=sec'),
    '400 unreadable-request',
  ],
  ['twice', post('/collections/pub/points/query?timeout=1&timeout=2'), '400 unreadable-request'],
  [
    'encoded parameter',
    post('/collections/pub/points/query?timeou%74=1'),
    '400 unreadable-request',
  ],
  ['empty query', post('/collections/pub/points/query?'), '400 unreadable-request'],
  ['behind readyz', get('/readyz/../collections'), '400 unreadable-request'],
  ['behind readyz encoded', get('/readyz/%2e%2e/collections/sec'), '400 unreadable-request'],
  ['livezX', get('/livezX'), '404 unknown-operation'],
  ['dashboard', get('/dashboard/../collections/sec'), '400 unreadable-request'],
  ['dashboard alone', get('/dashboard'), '404 unknown-operation'],
  ['healthz//', get('/healthz//collections/sec'), '400 unreadable-request'],
  [
    'method override',
    post('/collections/pub/points/query', ['X-HTTP-Method-Override: DELETE']),
    '200',
  ],
  [
    'TRACE',
    (good) => `TRACE / HTTP/1.1\r\nHost: a\r\napi-key: ${good}\r\n\r\n`,
    '404 unknown-operation',
  ],
  [
    'CONNECT',
    (good) => `CONNECT sec:443 HTTP/1.1\r\nHost: a\r\napi-key: ${good}\r\n\r\n`,
    '405 unreadable-request',
  ],
  [
    'OPTIONS *',
    (good) => `OPTIONS * HTTP/1.1\r\nHost: a\r\napi-key: ${good}\r\n\r\n`,
    '400 unreadable-request',
  ],
  [
    'preflight',
    () =>
      'OPTIONS /collections/sec HTTP/1.1\r\nHost: a\r\nOrigin: http://x\r\nAccess-Control-Request-Method: GET\r\n\r\n',
    '401 not-authenticated',
  ],
  [
    'two keys good bad',
    headed((g, o) => ['Host: a', length, `api-key: ${g}`, `api-key: ${o}`]),
    '400 unreadable-request',
  ],
  [
    'two keys bad good',
    headed((g, o) => ['Host: a', length, `api-key: ${o}`, `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'two equal keys',
    headed((g) => ['Host: a', length, `api-key: ${g}`, `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'rivals',
    headed((g, o) => ['Host: a', length, `api-key: ${g}`, `authorization: Bearer ${o}`]),
    '401 not-authenticated',
  ],
  [
    'same twice',
    headed((g) => ['Host: a', length, `api-key: ${g}`, `authorization: Bearer ${g}`]),
    '200',
  ],
  [
    'key in a list',
    headed((g, o) => ['Host: a', length, `api-key: ${o}, ${g}`]),
    '401 not-authenticated',
  ],
  [
    'key with spaces',
    headed((g) => ['Host: a', length, `api-key: ${g} x`]),
    '401 not-authenticated',
  ],
  ['underscore', headed((g) => ['Host: a', length, `api_key: ${g}`]), '401 not-authenticated'],
  [
    'another header',
    headed((g) => ['Host: a', length, `x-api-key: ${g}`, `x-forwarded-user: all`]),
    '401 not-authenticated',
  ],
  [
    'basic',
    headed((g) => [
      'Host: a',
      length,
      `authorization: Basic ${Buffer.from(`x:${g}`).toString('base64')}`,
    ]),
    '401 not-authenticated',
  ],
  [
    'proxy-authorization',
    headed((g) => ['Host: a', length, `proxy-authorization: Bearer ${g}`]),
    '401 not-authenticated',
  ],
  ['cookie', headed((g) => ['Host: a', length, `cookie: api-key=${g}`]), '401 not-authenticated'],
  [
    'query key',
    (g) => `GET /collections?api-key=${g} HTTP/1.1\r\nHost: a\r\n\r\n`,
    '401 not-authenticated',
  ],
  [
    'two hosts',
    headed((g) => ['Host: a', 'Host: b', length, `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  ['no host', headed((g) => [length, `api-key: ${g}`]), '400 unreadable-request'],
  [
    'forged',
    headed((g) => [
      'Host: a',
      length,
      `api-key: ${g}`,
      'X-Forwarded-For: 127.0.0.1',
      'Forwarded: for=127.0.0.1',
      'X-Real-IP: 10.0.0.1',
      'sourceid: 0',
      'openai-api-key: x',
    ]),
    '200',
  ],
  [
    'strip our own',
    headed((g) => ['Host: a', length, `api-key: ${g}`, 'Connection: api-key, close']),
    '200',
  ],
  [
    '101 headers, key last',
    headed((g) => [
      'Host: a',
      length,
      ...Array.from({ length: 101 }, (_, i) => `x-${i}: y`),
      `api-key: ${g}`,
    ]),
    '431 unreadable-request',
  ],
  [
    '1001 headers, length last',
    headed((g) => [
      'Host: a',
      `api-key: ${g}`,
      ...Array.from({ length: 1001 }, (_, i) => `${i}: y`),
      length,
    ]),
    '431 unreadable-request',
  ],
  [
    'huge header',
    headed((g) => ['Host: a', length, `api-key: ${g}`, `x: ${'y'.repeat(20_000)}`]),
    '431 unreadable-request',
  ],
  [
    'space before colon',
    headed((g) => ['Host: a', `content-length : 11`, `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  ['folded', headed((g) => ['Host: a', length, `api-key:`, ` ${g}`]), '400 unreadable-request'],
  [
    'bare LF',
    (g) =>
      `POST /collections/pub/points/query HTTP/1.1\nHost: a\n${length}\napi-key: ${g}\n\n${query}`,
    '400 unreadable-request',
  ],
  ['bare CR', headed((g) => ['Host: a', length, `x: a\rapi-key: ${g}`]), '400 unreadable-request'],
  ['NUL in value', headed((g) => ['Host: a', length, `api-key: ${g}\0`]), '400 unreadable-request'],
  [
    'HTTP/1.0',
    (g) =>
      `POST /collections/pub/points/query HTTP/1.0\r\nHost: a\r\n${length}\r\napi-key: ${g}\r\n\r\n${query}`,
    '505 unreadable-request',
  ],
  [
    'HTTP/2.0',
    (g) =>
      `POST /collections/pub/points/query HTTP/2.0\r\nHost: a\r\n${length}\r\napi-key: ${g}\r\n\r\n${query}`,
    '505 unreadable-request',
  ],
  [
    'length and chunked',
    headed(
      (g) => ['Host: a', 'content-length: 5', 'transfer-encoding: chunked', `api-key: ${g}`],
      `0\r\n\r\n${smuggled}`,
    ),
    '400 unreadable-request',
  ],
  [
    'chunked and length',
    headed(
      (g) => ['Host: a', 'transfer-encoding: chunked', 'content-length: 5', `api-key: ${g}`],
      `0\r\n\r\n${smuggled}`,
    ),
    '400 unreadable-request',
  ],
  [
    'two lengths',
    headed((g) => ['Host: a', 'content-length: 0', 'content-length: 11', `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'equal lengths',
    headed((g) => ['Host: a', length, length, `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'length list',
    headed((g) => ['Host: a', 'content-length: 11, 11', `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'signed length',
    headed((g) => ['Host: a', 'content-length: +11', `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'hex length',
    headed((g) => ['Host: a', 'content-length: 0xb', `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    'huge length',
    headed((g) => ['Host: a', 'content-length: 18446744073709551616', `api-key: ${g}`]),
    '400 unreadable-request',
  ],
  [
    '70 MB claimed',
    headed((g) => ['Host: a', 'content-length: 73400320', `api-key: ${g}`]),
    '413 too-large',
  ],
  [
    'identity coding',
    headed(
      (g) => ['Host: a', 'transfer-encoding: identity, chunked', `api-key: ${g}`],
      `b\r\n${query}\r\n0\r\n\r\n`,
    ),
    '400 unreadable-request',
  ],
  [
    'unknown coding',
    headed(
      (g) => ['Host: a', 'transfer-encoding: xchunked', `api-key: ${g}`],
      `b\r\n${query}\r\n0\r\n\r\n`,
    ),
    '400 unreadable-request',
  ],
  [
    'gzip coding',
    headed(
      (g) => ['Host: a', 'transfer-encoding: gzip, chunked', `api-key: ${g}`],
      `b\r\n${query}\r\n0\r\n\r\n`,
    ),
    '400 unreadable-request',
  ],
  [
    'two codings',
    headed(
      (g) => [
        'Host: a',
        'transfer-encoding: chunked',
        'transfer-encoding: identity',
        `api-key: ${g}`,
      ],
      `b\r\n${query}\r\n0\r\n\r\n`,
    ),
    '400 unreadable-request',
  ],
  [
    'chunked',
    headed(
      (g) => ['Host: a', 'transfer-encoding: chunked', `api-key: ${g}`],
      `b\r\n${query}\r\n0\r\n\r\n`,
    ),
    '200',
  ],
  [
    'chunk extension',
    headed(
      (g) => ['Host: a', 'transfer-encoding: chunked', `api-key: ${g}`],
      `b;x=y\r\n${query}\r\n0\r\n\r\n`,
    ),
    '200',
  ],
  [
    'long chunk extension',
    headed(
      (g) => ['Host: a', 'transfer-encoding: chunked', `api-key: ${g}`],
      `b;${'x'.repeat(100_000)}\r\n${query}\r\n0\r\n\r\n`,
    ),
    'cut off',
  ],
  [
    'trailer names a key',
    headed(
      () => ['Host: a', 'transfer-encoding: chunked', 'trailer: api-key'],
      `b\r\n${query}\r\n0\r\napi-key: x\r\n\r\n`,
    ),
    '401 not-authenticated',
  ],
  [
    'trailers',
    headed(
      (g) => ['Host: a', 'transfer-encoding: chunked', `api-key: ${g}`],
      `b\r\n${query}\r\n0\r\nx-openai-api-key: x\r\n\r\n`,
    ),
    '200',
  ],
  [
    'chunk size overflow',
    headed(
      (g) => ['Host: a', 'transfer-encoding: chunked', `api-key: ${g}`],
      `1000000000000000b\r\n${query}\r\n0\r\n\r\n`,
    ),
    'cut off',
  ],
  [
    'chunk LF',
    headed((g) => ['Host: a', 'transfer-encoding: chunked', `api-key: ${g}`], `b\n${query}\n0\n\n`),
    'cut off',
  ],
  [
    'body on GET',
    (g) =>
      `GET /collections HTTP/1.1\r\nHost: a\r\napi-key: ${g}\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`,
    '413 too-large',
  ],
  [
    'shorter length',
    headed((g) => ['Host: a', `content-length: 2`, `api-key: ${g}`], `{}${smuggled}`),
    '200',
  ],
  [
    'gzip encoded',
    headed((g) => ['Host: a', length, `api-key: ${g}`, 'content-encoding: gzip']),
    '415 unreadable-request',
  ],
  [
    'deflate, identity',
    headed((g) => ['Host: a', length, `api-key: ${g}`, 'content-encoding: identity, gzip']),
    '415 unreadable-request',
  ],
  [
    'Expect other',
    headed((g) => ['Host: a', length, `api-key: ${g}`, 'expect: 200-ok']),
    '417 unreadable-request',
  ],
  [
    'Expect continue, refused',
    headed((_, o) => ['Host: a', length, `api-key: ${o}`, 'expect: 100-continue']),
    '403 not-permitted',
  ],
  [
    'h2c',
    headed((g) => [
      'Host: a',
      length,
      `api-key: ${g}`,
      'connection: upgrade, http2-settings',
      'upgrade: h2c',
      'http2-settings: AAMAAABkAAQAAP__',
    ]),
    '501 unreadable-request',
  ],
  [
    'websocket',
    headed((g) => [
      'Host: a',
      length,
      `api-key: ${g}`,
      'connection: upgrade',
      'upgrade: websocket',
    ]),
    '501 unreadable-request',
  ],
  ['prior knowledge', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400 unreadable-request'],
  [
    'wrong type',
    headed((g) => ['Host: a', length, `api-key: ${g}`, 'content-type: text/plain']),
    '415 unreadable-request',
  ],
  [
    'two types',
    headed((g) => [
      'Host: a',
      length,
      `api-key: ${g}`,
      'content-type: application/json',
      'content-type: text/plain',
    ]),
    '400 unreadable-request',
  ],
  [
    '__proto__',
    headed((g) => ['Host: a', length, `api-key: ${g}`, '__proto__: x', 'constructor: y']),
    '200',
  ],
  [
    'plain TLS garbage',
    () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(600, 'x'),
    '400 unreadable-request',
  ],
];
