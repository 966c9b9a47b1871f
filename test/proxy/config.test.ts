import { describe, expect, it } from 'vitest';
import { address, isLoopback, upstreams } from '../../src/proxy/config.ts';

const entry = {
  name: 'main',
  database: 'qdrant',
  http: 'http://127.0.0.1:16333',
  grpc: 'http://127.0.0.1:16334',
  listen: { http: '0.0.0.0:6333', grpc: '0.0.0.0:6334' },
  policies: 'policies/',
};
const problems = (...entries: object[]) => {
  const result = upstreams.safeParse(entries);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const other = { ...entry, name: 'other', listen: { http: '0.0.0.0:7333', grpc: '0.0.0.0:7334' } };

describe('the upstreams section', () => {
  it('reads addresses and URLs into their parts', () => {
    const [read] = upstreams.parse([{ ...entry, http: 'https://[::1]', listen: other.listen }]);
    expect(read?.http).toEqual({ host: '::1', port: 443, tls: true });
    expect(read?.grpc).toEqual({ host: '127.0.0.1', port: 16334, tls: false });
    expect(read?.listen.http).toEqual({ host: '0.0.0.0', port: 7333 });
    expect(read?.allowRemote).toBe(false);
  });

  it('takes one address and one port for a database that serves both at one', () => {
    const { http: _, ...one } = { ...entry, database: 'milvus', listen: { grpc: '0.0.0.0:19530' } };
    const [read] = upstreams.parse([one]);
    expect([read?.http, read?.listen.http]).toEqual([null, null]);
    expect(problems({ ...one, grpc: 'http://10.0.0.1:19531' })).toEqual([
      expect.stringMatching(/^0\.grpc: would send/),
    ]);
  });

  it('takes several, and port 0 as often as one likes', () => {
    const free = { http: '127.0.0.1:0', grpc: '127.0.0.1:0' };
    expect(problems({ ...entry, listen: free }, { ...other, listen: free })).toEqual([]);
    expect(problems(entry, other)).toEqual([]);
  });

  it.each([
    ['remote plain HTTP', { http: 'http://10.0.0.1:6333' }, /^0\.http: would send .*allowRemote/],
    ['remote plain gRPC', { grpc: 'http://db:6334' }, /^0\.grpc: would send /],
    [
      'a host that only begins like loopback',
      { http: 'http://127.evil.com' },
      /^0\.http: would send/,
    ],
    ['another scheme', { http: 'ftp://127.0.0.1' }, /^0\.http: is no http/],
    ['a path', { http: 'http://127.0.0.1/x' }, /^0\.http: holds more/],
    ['a user', { http: 'http://a:b@127.0.0.1/' }, /^0\.http: holds more/],
    [
      'a listener without a port',
      { listen: { http: 'localhost', grpc: ':1' } },
      /^0\.listen\.http: is no/,
    ],
    [
      'a port that is none',
      { listen: { http: 'a:99999', grpc: 'a:1' } },
      /^0\.listen\.http: is no/,
    ],
    ['no REST address', { http: undefined }, /^0\.http: is missing; /],
    ['no REST port', { listen: { grpc: 'a:1' } }, /^0\.listen\.http: is missing; /],
    ['another database', { database: 'chroma' }, /^0\.database: is unknown; /],
    [
      'an address for REST alone before a Milvus',
      { database: 'milvus' },
      /^0\.http: is no key of milvus; /,
    ],
    [
      'a port for REST alone before a Milvus',
      { database: 'milvus', http: undefined },
      /^0\.listen\.http: is no key of milvus; /,
    ],
    ['hosts', { hosts: ['a'] }, /^0\.hosts: is not built yet; /],
    ['an empty credential', { credential: '' }, /^0\.credential: is empty; /],
  ])('refuses %s, and says what to do', (_name, made, message) => {
    const told = problems({ ...entry, ...made });
    expect(told.some((each) => message.test(each))).toBe(true);
    expect(told.every((each) => each.includes('; '))).toBe(true);
  });

  it('refuses the same name twice', () => {
    expect(problems(entry, { ...other, name: 'main' })).toEqual([
      expect.stringMatching(/^1\.name: is the name of another/),
    ]);
  });

  it('lets plain HTTP leave the machine only where that is said', () => {
    expect(problems({ ...entry, http: 'http://10.0.0.1:1', allowRemote: true })).toEqual([]);
    expect(problems({ ...entry, http: 'https://db.example:1' })).toEqual([]);
  });
});

describe('an address', () => {
  it.each(['127.0.0.1:1', '[::1]:1', '0.0.0.0:0', 'localhost:65535'])('may be %s', (text) => {
    expect(address.safeParse(text).success).toBe(true);
  });

  it.each(['', ':1', 'a', 'a:', 'a:-1', 'a:65536', 'a:0x1', 'a:1 '])('may not be "%s"', (text) => {
    expect(address.safeParse(text).success).toBe(false);
  });

  it('is loopback only where it cannot be another machine', () => {
    const told = ['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback);
    expect(told).toEqual([true, true, true, true]);
    const not = ['127.0.0.1.evil', '0.0.0.0', '10.0.0.1', 'localhost.evil', '::'].map(isLoopback);
    expect(not).toEqual([false, false, false, false, false]);
  });
});
