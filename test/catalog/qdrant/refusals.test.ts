import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { Refusal } from '../../../src/refusal.ts';

interface Recorded {
  readonly case: string;
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
}

const transcripts = new URL('../../data/qdrant-transcripts/', import.meta.url);
const recorded = readFileSync(new URL('3-rest-raw.jsonl', transcripts), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const find = (name: string) =>
  recorded.find((one) => one.case === name)?.response as Recorded['response'];

const rest = (refusal: Refusal) => qdrant.writeRefusal('http', refusal);
const rpc = (refusal: Refusal) => qdrant.writeRefusal('grpc', refusal);
const field = (fields: readonly string[], name: string) => fields[fields.indexOf(name) + 1];

describe('a refusal over REST', () => {
  it.each([
    ['no credential', 'Bearer'],
    ['wrong key', 'Bearer error="invalid_token"'],
  ])('of identity is what Qdrant says: %s', (name, challenge) => {
    const { status, body, headers } = find(name);
    const refusal = new Refusal('not-authenticated', 'why', { challenge });
    const written = rest(refusal);
    expect(written.status).toBe(status);
    expect(Buffer.from(written.body).toString()).toBe(body);
    expect(headers['content-type']).toBeUndefined();
    const challenged = ['www-authenticate', challenge];
    expect(written.fields).toEqual(['x-vectorgate-refusal', 'not-authenticated', ...challenged]);
    const said = decodeURIComponent(field(rpc(refusal).fields, 'grpc-message') ?? '');
    expect(said).toBe(body);
  });

  it.each([
    ['points.upsert', false, 'Forbidden: Access to collection docs is required'],
    ['points.upsert', true, 'Forbidden: Write access to collection docs is required'],
    ['points.query', true, 'Forbidden: Access to collection docs is required'],
    ['collections.delete', false, 'Forbidden: Access to collection docs is required'],
    ['collections.delete', true, 'Forbidden: Manage access for this operation is required'],
  ])('of %s, where the collection may be listed: %s', (name, known, told) => {
    const operation = qdrant.operations.find((each) => each.name === name) as Operation;
    const collection = { named: 'docs', resolved: 'docs-2' };
    const need = { operation, action: operation.action, collection, database: null };
    expect(operation.denial(need, known)).toBe(told);
    expect(operation.denial({ ...need, collection: null }, known)).toBe(
      'Forbidden: Global access is required',
    );
  });

  it("has the shape of Qdrant's own denial", () => {
    const { status, body, headers } = find('read-only key writes');
    const told = 'Forbidden: Global manage access is required';
    const written = rest(new Refusal('not-permitted', 'secret reason', { told }));
    expect(written.status).toBe(status);
    expect(Buffer.from(written.body).toString()).toBe(
      body.replace(/"time":[\d.e-]+/, '"time":0.0'),
    );
    expect(field(written.fields, 'content-type')).toBe(headers['content-type']);
    expect(JSON.stringify(written)).not.toContain('secret reason');
  });

  it('challenges where it should, and over gRPC never', () => {
    const refusal = new Refusal('not-authenticated', 'why', { challenge: 'Bearer' });
    expect(field(rest(refusal).fields, 'www-authenticate')).toBe('Bearer');
    expect(rpc(refusal).fields).not.toContain('www-authenticate');
  });

  it('says when to come back', () => {
    const written = rest(new Refusal('over-limit', 'why', { retryAfter: 3 }));
    expect(written.status).toBe(429);
    expect(field(written.fields, 'retry-after')).toBe('3');
    expect(field(written.fields, 'x-vectorgate-refusal')).toBe('over-limit');
  });

  it('takes the status of the refusal', () => {
    const told = 'Wrong input: Collection `products` already exists!';
    const written = rest(new Refusal('not-permitted', 'why', { http: 409, told }));
    expect(written.status).toBe(409);
    expect(Buffer.from(written.body).toString()).toBe(
      '{"status":{"error":"Wrong input: Collection `products` already exists!"},"time":0.0}',
    );
  });
});

describe('a refusal over gRPC', () => {
  it("is trailers alone, its message encoded as Qdrant's", () => {
    const told = "Not found: Collection `nothing` doesn't exist!";
    const written = rpc(new Refusal('not-permitted', 'why', { grpc: 5, told }));
    expect(written.status).toBe(200);
    expect(written.body.length).toBe(0);
    expect(field(written.fields, 'grpc-status')).toBe('5');
    expect(field(written.fields, 'grpc-message')).toBe(
      "Not%20found:%20Collection%20%60nothing%60%20doesn't%20exist!",
    );
  });

  it('lets no byte through that a header may not hold', () => {
    const written = rpc(new Refusal('unreadable-request', 'why', { told: 'ü\r\n"<>%{}' }));
    expect(field(written.fields, 'grpc-message')).toBe('%C3%BC%0D%0A%22%3C%3E%25%7B%7D');
  });
});

describe('a refusal for limits', () => {
  const limits = [
    { name: 'a "b"\\.requests', measure: 'requests', units: 200, window: 1, left: 0, reset: 2 },
    { name: 'a.concurrent', measure: 'concurrent', units: 64, window: null, left: 63, reset: 0 },
    { name: 'a.bytes', measure: 'bytes', units: 1024, window: 3600, left: 10, reset: 0 },
  ] as const;
  const refusal = new Refusal('over-limit', 'secret reason', { retryAfter: 2, limits });

  it('tells over REST what is left of each limit, and when to come back', () => {
    const { status, fields } = rest(refusal);
    expect(status).toBe(429);
    expect(field(fields, 'retry-after')).toBe('2');
    expect(field(fields, 'ratelimit-policy')).toBe(
      '"a \\"b\\"\\\\.requests";q=200;qu="requests";w=1, ' +
        '"a.concurrent";q=64;qu="concurrent-requests", "a.bytes";q=1024;qu="content-bytes";w=3600',
    );
    expect(field(fields, 'ratelimit')).toBe(
      '"a \\"b\\"\\\\.requests";r=0;t=2, "a.concurrent";r=63, "a.bytes";r=10',
    );
  });

  it('says the same in the metadata of gRPC', () => {
    const { fields } = rpc(refusal);
    expect(field(fields, 'grpc-status')).toBe('8');
    expect(field(fields, 'retry-after')).toBe('2');
    expect(field(fields, 'ratelimit')).toBe(field(rest(refusal).fields, 'ratelimit'));
  });
});
