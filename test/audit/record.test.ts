import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventRecords } from '../../src/audit/event-record.ts';
import { recordsOf } from '../../src/audit/record.ts';
import type { Need } from '../../src/catalog/operation.ts';
import { Refusal } from '../../src/refusal.ts';
import { changing, exchange, identity, needs, operation, outcome, peer, permit } from './scene.ts';

const time = '2026-11-22T15:04:05.123456Z';
const records = recordsOf('main', {
  policy: () => 'sha256:p',
  time: () => time,
  trusts: (address) => address.startsWith('10.'),
});

function parsed(body: string): Record<string, unknown> {
  expect(body).toMatch(/^[ -~]*$/);
  return JSON.parse(`{${body}}`) as Record<string, unknown>;
}

/** Strings that break writers: quotes, controls, lone surrogates, line separators, other planes. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
});

describe('an intent record', () => {
  it('says what the contract lists', () => {
    const asked = exchange({ id: '01JD' });
    expect(parsed(records.intent(asked, permit()))).toEqual({
      time,
      kind: 'intent',
      event: 'data.query',
      request: '01JD',
      principal: {
        kind: 'key',
        id: 'k7Q2',
        name: 'rag-service',
        roles: ['search'],
        labels: { app: 'rag' },
      },
      source: { address: '10.0.0.7', port: 51034 },
      tls: { version: 'TLSv1.3', certificate: null },
      protocol: 'grpc',
      upstream: 'main',
      operation: 'points.query',
      collections: [{ named: 'products', resolved: 'products' }],
      decision: 'allow',
      rule: 'policies/search.yaml:3',
      policy: 'sha256:p',
    });
  });

  it('names every collection that is reached, each once, and none where none is', () => {
    const collections = (needed: Need[]) =>
      parsed(records.intent(exchange(), permit(changing, identity(), needed)))['collections'];
    const wide: Need = { operation: changing, action: 'manage', collection: null, database: null };
    const alias = { ...wide, collection: { named: 'b', resolved: 'a' } };
    expect(collections([wide])).toEqual([]);
    expect(collections([])).toEqual([]);
    expect(collections([...needs(changing, 'a', 'a', 'b', 'a'), wide, alias])).toEqual([
      { named: 'a', resolved: 'a' },
      { named: 'b', resolved: 'b' },
      { named: 'b', resolved: 'a' },
    ]);
  });

  it('says what the request was made to ask for less of', () => {
    const asked = permit();
    const less = asked.lowered({ ...asked.intent.request, lowered: ['results', 'payload'] });
    expect(parsed(records.intent(exchange(), less))).toMatchObject({
      lowered: ['results', 'payload'],
    });
  });

  it('follows the digest of the policies when they are reloaded', () => {
    let digest = 'sha256:old';
    const following = recordsOf('main', {
      policy: () => digest,
      time: () => time,
      trusts: () => false,
    });
    following.intent(exchange(), permit());
    digest = 'sha256:new';
    expect(parsed(following.intent(exchange(), permit()))['policy']).toBe('sha256:new');
  });
});

describe('what a decision can be replayed from', () => {
  const principal = (who: ReturnType<typeof identity>) =>
    parsed(records.intent(exchange(), permit(changing, who)))['principal'];

  it('has the claims that policies may use, and whoever is beside', () => {
    const beside = identity({ kind: 'certificate', id: 'app', labels: {} });
    const who = identity({ kind: 'token', claims: { tenant: 'acme', tags: ['a', '"'] }, beside });
    expect(principal(who)).toMatchObject({
      claims: { tenant: 'acme', tags: ['a', '"'] },
      beside: { kind: 'certificate', id: 'app', roles: ['search'], labels: {} },
    });
  });

  it('is told to be missing where claims would fill the disk', () => {
    const who = identity({ kind: 'token', claims: { tags: Array(2000).fill('tag') } });
    expect(principal(who)).toMatchObject({ claims: null });
  });

  it('has the operations inside a batch', () => {
    const batch = operation({ name: 'points.batch' });
    const needed = [...needs(batch, 'a'), ...needs(changing, 'a'), ...needs(changing, 'a')];
    const record = parsed(records.intent(exchange(), permit(batch, identity(), needed)));
    expect(record).toMatchObject({
      operation: 'points.batch',
      collections: [{ named: 'a', resolved: 'a' }],
      also: ['points.upsert'],
    });
  });

  it('has the rule that denied', () => {
    const denied = { exchange: exchange(), identity: identity(), operation: changing, needs: [] };
    const told = (rule: string | null) =>
      parsed(records.denial({ ...denied, refusal: new Refusal('not-permitted', 'no', { rule }) }));
    expect(told('policies/a.yaml:7')).toMatchObject({
      decision: 'deny',
      rule: 'policies/a.yaml:7',
    });
    expect(told(null)).toMatchObject({ decision: 'deny', rule: null });
  });
});

it('the id of a peer that is not trusted is what it claims', () => {
  const from = { ...peer, address: '203.0.113.9' };
  const told = parsed(records.intent(exchange({ parent: 'abcdefgh', peer: from }), permit()));
  expect(told).toMatchObject({ claimed: 'abcdefgh' });
  expect(Object.keys(told)).not.toContain('parent');
});

it('a record has the caller’s own id and trace beside ours, where it gave any', () => {
  const context = { parent: 'abcdefgh', traceparent: '00-4bf9' };
  expect(parsed(records.intent(exchange({ id: 'r', ...context }), permit()))).toMatchObject({
    request: 'r',
    ...context,
  });
  const without = parsed(records.intent(exchange({ parent: null, traceparent: null }), permit()));
  expect(Object.keys(without)).not.toContain('parent');
  expect(Object.keys(without)).not.toContain('traceparent');
});

describe('whatever strings a record is made of', () => {
  it('an intent is one line of ASCII, and the same strings are read back', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 9, maxLength: 9 }), (texts) => {
        const [id = '', name = '', role = '', label = '', named = '', resolved = ''] = texts;
        const [, , , , , , address = '', version = '', certificate = ''] = texts;
        const who = identity({ id: name, name, roles: [role], labels: { [label]: label } });
        const needed = [{ ...needs(changing, named)[0], collection: { named, resolved } } as Need];
        const from = { ...peer, address, version, certificate };
        const body = records.intent(exchange({ id, peer: from }), permit(changing, who, needed));
        const read = parsed(body);
        expect(read['request']).toBe(id);
        expect(read['principal']).toMatchObject({ id: name, name, roles: [role] });
        expect(Object.entries((read['principal'] as { labels: object }).labels)).toEqual(
          Object.entries(JSON.parse(JSON.stringify({ [label]: label }))),
        );
        expect(read['collections']).toEqual([{ named, resolved }]);
        expect(read['source']).toMatchObject({ address });
        expect(read['tls']).toEqual({ version, certificate });
      }),
    );
  });

  it('an outcome, a denial and the events are one line of ASCII', () => {
    const events = eventRecords(() => time);
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const refusal = new Refusal('not-permitted', a);
        const denied = { exchange: exchange({ id: b }), refusal, identity: null };
        const op = operation({ name: a, event: b });
        const denial = parsed(records.denial({ ...denied, operation: op, needs: needs(op, a, b) }));
        expect(denial).toMatchObject({ reason: a, operation: a, event: b });
        expect(parsed(records.outcome(exchange({ id: a }), { ...outcome, failure: b }))).toEqual({
          time,
          kind: 'outcome',
          request: a,
          ...outcome,
          failure: b,
        });
        parsed(`"x":1,${records.alike({ ...denied, operation: op, needs: needs(op, a) })}`);
        const fault = { segment: a, bytes: 0, error: new Error(b), carried: 0, dropped: 0 };
        parsed(events.fault(fault, { read: 0, write: 0 }));
        parsed(events.change({ event: a, upstream: b, digest: a }));
        parsed(events.indeterminate(a));
      }),
    );
  });
});

describe('a denial record', () => {
  it('stays small, whatever the caller named', () => {
    const refusal = new Refusal('not-permitted', 'r'.repeat(100_000));
    const many = needs(
      changing,
      ...Array.from({ length: 1000 }, (_, n) => `${n}`.padEnd(9999, 'x')),
    );
    const body = records.denial({
      exchange: exchange(),
      refusal,
      identity: identity(),
      operation: changing,
      needs: many,
    });
    expect(body.length).toBeLessThan(20_000);
    expect(parsed(body)).toMatchObject({ needsLeftOut: 968, decision: 'deny' });
  });
});

describe('an outcome record', () => {
  it('tells durations to the microsecond, and a broken answer has no status', () => {
    const read = parsed(
      records.outcome(exchange(), { ...outcome, status: null, durationMs: 1.23456789 }),
    );
    expect(read).toMatchObject({ status: null, durationMs: 1.235 });
  });
});
