import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendBytes } from '../support/clients.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { echo } from '../support/serve.ts';

let edge: TestEdge;
beforeAll(async () => {
  edge = await startEdge('http', (exchange) => void echo(exchange));
});
afterAll(() => edge.close());

const end = '\r\n\r\n';
const close = 'Connection: close';
const head = (line: string, ...fields: string[]) => [line, ...fields, close].join('\r\n') + end;
const get = (...fields: string[]) => head('GET / HTTP/1.1', ...fields);
const post = (...fields: string[]) => head('POST / HTTP/1.1', 'Host: a', ...fields);
const many = Array.from({ length: 101 }, (_, at) => `x-${at}: 1`);

const refused: [string, string, number][] = [
  ['no Host', get(), 400],
  ['two Hosts', get('Host: a', 'Host: b'), 400],
  ['two Hosts alike', get('Host: a', 'host: a'), 400],
  ['HTTP/1.0', head('GET / HTTP/1.0', 'Host: a'), 505],
  [
    'HTTP/1.0 with chunks',
    `${head('POST / HTTP/1.0', 'Host: a', 'Transfer-Encoding: chunked')}0${end}`,
    505,
  ],
  ['HTTP/2.0 in a request line', head('GET / HTTP/2.0', 'Host: a'), 505],
  ['an absolute target', head('GET http://b/x HTTP/1.1', 'Host: a'), 400],
  ['an asterisk target', head('OPTIONS * HTTP/1.1', 'Host: a'), 400],
  ['101 fields', get('Host: a', ...many), 431],
  ['a head of 20 KB', get('Host: a', `x: ${'y'.repeat(20_000)}`), 431],
  ['length and chunks', `${post('Content-Length: 3', 'Transfer-Encoding: chunked')}0${end}`, 400],
  ['two lengths', `${post('Content-Length: 3', 'Content-Length: 3')}abc`, 400],
  ['a signed length', `${post('Content-Length: +3')}abc`, 400],
  ['a length in hex', `${post('Content-Length: 0x3')}abc`, 400],
  ['a list of lengths', `${post('Content-Length: 3, 3')}abc`, 400],
  ['an unknown transfer coding', `${post('Transfer-Encoding: xchunked')}0${end}`, 400],
  ['identity before chunked', `${post('Transfer-Encoding: identity, chunked')}0${end}`, 400],
  ['gzip before chunked', `${post('Transfer-Encoding: gzip, chunked')}0${end}`, 400],
  [
    'two Transfer-Encodings',
    `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0${end}`,
    400,
  ],
  ['an encoded body', `${post('Content-Encoding: gzip', 'Content-Length: 3')}abc`, 415],
  [
    'two encodings',
    `${post('Content-Encoding: identity', 'Content-Encoding: gzip', 'Content-Length: 3')}abc`,
    400,
  ],
  ['another Expect', `${post('Expect: 200-ok', 'Content-Length: 3')}abc`, 417],
  ['an upgrade to h2c', get('Host: a', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'), 501],
  ['the settings of an upgrade to h2c', get('Host: a', 'HTTP2-Settings: AAMAAABkAAQAAP__'), 501],
  ['an upgrade to a WebSocket', get('Host: a', 'Upgrade: websocket'), 501],
  ['CONNECT', head('CONNECT a:1 HTTP/1.1', 'Host: a'), 405],
  ['a folded field', get('Host: a', 'x: 1\r\n  2'), 400],
  ['a space before the colon', get('Host: a', 'x : 1'), 400],
  ['a bare line feed', `GET / HTTP/1.1\nHost: a\n\n`, 400],
  ['a NUL in a value', get('Host: a', 'x: \0'), 400],
  ['no request at all', `\x16\x03\x01${end}`, 400],
];

describe('an HTTP/1.1 head that two readers could take differently', () => {
  it.each(refused)('is refused: %s', async (_name, bytes, status) => {
    expect(await sendBytes(edge.port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('ends its connection, so that no byte after it is read as a request', async () => {
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    const bytes = `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n${smuggled}`;
    const answers = await sendBytes(edge.port, bytes);
    expect(answers).not.toContain('/smuggled');
    expect(answers).toMatch(/connection: close/i);
  });

  it('is counted also where it was no request at all', async () => {
    const before = edge.unreadable.length;
    await sendBytes(edge.port, `nonsense${end}`);
    expect(edge.unreadable.length).toBe(before + 1);
  });
});

const served: [string, string, string][] = [
  ['a path', get('Host: a'), 'x-target: /'],
  ['a body of told length', `${post('Content-Length: 3')}abc`, 'abc'],
  ['a chunked body', `${post('Transfer-Encoding: chunked')}3\r\nabc\r\n0${end}`, 'abc'],
  ['an identity encoding', `${post('Content-Encoding: identity', 'Content-Length: 3')}abc`, 'abc'],
  ['an empty body', post('Content-Length: 0'), 'content-length: 0'],
];

describe('an honest HTTP/1.1 head', () => {
  it.each(served)('is served: %s', async (_name, bytes, part) => {
    const answer = await sendBytes(edge.port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain(part);
  });

  it('keeps nothing of trailers and chunk extensions', async () => {
    const bytes = `${post('Transfer-Encoding: chunked')}3;ext=1\r\nabc\r\n0\r\napi-key: x${end}`;
    expect(await sendBytes(edge.port, bytes)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nabc$/s);
  });
});
