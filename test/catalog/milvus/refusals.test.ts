import { describe, expect, it } from 'vitest';
import { writeRefusal } from '../../../src/catalog/milvus/refusals.ts';
import { Refusal, type RefusalCode, refusals } from '../../../src/refusal.ts';

const invalid = { challenge: 'Bearer error="invalid_token"' };

/** What the clients of Milvus do not send again (pymilvus, decorators.py, IGNORE_RETRY_CODES). */
const heardOnce = [3, 4, 7, 8, 16];
/** What they send again, which is right where nothing was decided. */
const sentAgain: Partial<Record<RefusalCode, number>> = {
  'audit-unavailable': 14,
  'store-unavailable': 14,
  'upstream-unreachable': 14,
  'gateway-fault': 13,
};

const fieldsOf = (fields: readonly string[]) =>
  Object.fromEntries(
    Array.from({ length: fields.length / 2 }, (_, at) => [fields[at * 2], fields[at * 2 + 1]]),
  );
const onGrpc = (refusal: Refusal) => fieldsOf(writeRefusal('grpc', refusal).fields);
const onRest = (refusal: Refusal) => {
  const { status, fields, body } = writeRefusal('http', refusal);
  return { status, fields: fieldsOf(fields), body: JSON.parse(Buffer.from(body).toString()) };
};

describe.each(Object.keys(refusals) as RefusalCode[])('the refusal %s of a Milvus', (code) => {
  it('is on gRPC a status in a trailers-only answer, and no success to any client', () => {
    const refusal = new Refusal(code, 'a secret reason');
    const { status, body, fields } = writeRefusal('grpc', refusal);
    const told = fieldsOf(fields);
    expect([status, body.length, told['content-type']]).toEqual([200, 0, 'application/grpc']);
    expect(told['x-vectorgate-refusal']).toBe(code);
    expect([...heardOnce, sentAgain[code]]).toContain(Number(told['grpc-status']));
    expect(told['grpc-message']).not.toContain('secret');
  });

  it('is on REST the JSON of Milvus, with a status that is no success', () => {
    const { status, fields, body } = onRest(new Refusal(code, 'a secret reason'));
    expect(status).toBe(refusals[code].http);
    expect(fields['content-type']).toBe('application/json; charset=utf-8');
    expect(fields['x-vectorgate-refusal']).toBe(code);
    expect(Object.keys(body)).toEqual(['code', 'message']);
    expect(body.code).toBeGreaterThan(0);
    expect(body.code).not.toBe(200);
    expect(body.message).not.toContain('secret');
  });
});

describe('the words of a refusal', () => {
  it("are Milvus's own for who is nobody", () => {
    const nothing = new Refusal('not-authenticated', 'r', { challenge: 'Bearer' });
    const wrong = new Refusal('not-authenticated', 'r', invalid);
    expect(onGrpc(nothing)['grpc-message']).toBe('missing authorization in header');
    expect(onGrpc(wrong)['grpc-message']).toBe(
      'auth check failure, please check api key is correct',
    );
    for (const refusal of [nothing, wrong]) {
      const { status, body, fields } = onRest(refusal);
      expect(status).toBe(401);
      expect(body).toEqual({ code: 1800, message: "user hasn't authenticated" });
      expect(fields['www-authenticate']).toBe(refusal.challenge);
    }
  });

  it('say permission deny for what is not permitted', () => {
    const told = 'Forbidden: Access to collection hr is required';
    const refusal = new Refusal('not-permitted', 'r', { told });
    const said = 'permission deny: Access to collection hr is required';
    expect(onGrpc(refusal)).toMatchObject({ 'grpc-status': '7', 'grpc-message': said });
    expect(onRest(refusal)).toMatchObject({
      status: 403,
      body: { code: 65535, message: `rpc error: code = PermissionDenied desc = ${said}` },
    });
    expect(onGrpc(new Refusal('not-permitted', 'r'))['grpc-message']).toBe('permission deny');
  });

  it('never say UNIMPLEMENTED of an operation, but do of a compression', () => {
    const unknown = new Refusal('unknown-operation', 'r');
    expect(onGrpc(unknown)['grpc-status']).toBe('7');
    const encoding = new Refusal('unreadable-request', 'r', { grpc: 12 });
    expect(onGrpc(encoding)['grpc-status']).toBe('12');
  });

  it('cross as grpc-go writes them', () => {
    const refusal = new Refusal('unreadable-request', 'r', { told: 'é 100%\n' });
    expect(onGrpc(refusal)['grpc-message']).toBe('%C3%A9 100%25%0A');
  });

  it('tell when to come back', () => {
    const refusal = new Refusal('over-limit', 'r', { retryAfter: 3 });
    expect(onGrpc(refusal)['retry-after']).toBe('3');
    expect(onRest(refusal)).toMatchObject({
      status: 429,
      fields: { 'retry-after': '3' },
      body: { code: 1807 },
    });
  });
});

describe('a refusal for limits', () => {
  const limit = { name: 'a.requests', units: 5, window: 1, left: 0, reset: 2 };
  const refusal = new Refusal('over-limit', 'why', {
    retryAfter: 2,
    limits: [{ ...limit, measure: 'requests' }],
  });

  it.each(['http', 'grpc'] as const)(
    'tells over %s what is left, and when to come back',
    (protocol) => {
      const { fields } = writeRefusal(protocol, refusal);
      expect(fields[fields.indexOf('retry-after') + 1]).toBe('2');
      expect(fields[fields.indexOf('ratelimit') + 1]).toBe('"a.requests";r=0;t=2');
    },
  );
});
