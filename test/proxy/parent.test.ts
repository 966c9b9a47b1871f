import { describe, expect, it } from 'vitest';
import { parentOf, traceOf } from '../../src/proxy/parent.ts';
import { serve } from '../../src/proxy/pipeline.ts';
import { Received } from '../../src/proxy/received.ts';
import { Refusal } from '../../src/refusal.ts';
import { handMade, stage } from '../support/pipeline.ts';

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function asked(fields: Readonly<Record<string, string | Refusal>>) {
  return {
    field: (name: string) => {
      const value = fields[name];
      if (value instanceof Refusal) throw value;
      return value;
    },
  };
}

describe('the id a caller gives its request', () => {
  it.each([
    '01JDABCDEFGHJKMNPQRSTVWXYZ',
    '9b2f8b1e-5d0f-4a57-9e4e-1f2f3a4b5c6d',
    '4bf92f3577b34da6a3ce929d0e0e4736',
  ])('is its parent: %s', (id) => {
    expect(parentOf(asked({ 'x-request-id': id }))).toBe(id);
  });

  it.each([
    undefined,
    '',
    'short',
    'a'.repeat(65),
    'with space in it',
    'line\nbreak-in-it',
    'quote"quote"quote',
    'vg_k7Q2_SECRETSECRETSECRET',
    'eyJhbGciOi.eyJzdWIi.c2ln',
    'naïve-request-id',
  ])('is dropped where it is no plain id: %s', (id) => {
    expect(parentOf(asked(id === undefined ? {} : { 'x-request-id': id }))).toBe(null);
  });

  it('is dropped where it is given twice, and refuses nothing', () => {
    const twice = new Refusal('unreadable-request', 'x-request-id is given twice');
    expect(parentOf(asked({ 'x-request-id': twice }))).toBe(null);
  });

  it.each(['api-key', 'authorization'])('is dropped where it is the %s', (name) => {
    const secret = 'f00dcafef00dcafe';
    const fields = { 'x-request-id': secret, [name]: `Bearer ${secret}` };
    expect(parentOf(asked(fields))).toBe(null);
  });
});

describe('a traceparent', () => {
  it('passes as it stands', () => {
    expect(traceOf(asked({ traceparent: trace }))).toBe(trace);
  });

  it.each([
    trace.toUpperCase(),
    trace.replace(/^00/, '01'),
    trace.replace(/^00/, 'ff'),
    trace.replace(/4bf[0-9a-f]+/, '0'.repeat(32)),
    trace.replace(/00f067aa0ba902b7/, '0'.repeat(16)),
    `${trace}-extra`,
    ` ${trace}`,
    trace.slice(0, -1),
    '',
  ])('is dropped where it is none: %s', (value) => {
    expect(traceOf(asked({ traceparent: value }))).toBe(null);
  });
});

describe.each(['http', 'grpc'] as const)(
  'over %s, what a hostile peer says of its request',
  (protocol) => {
    const id = 'abcdefgh-1234';
    const received = (...fields: string[]) => {
      const head = {
        protocol,
        method: 'POST',
        target: '/',
        fields,
        deadline: null,
        objection: null,
      };
      return new Received(head, {} as never, {} as never, {} as never);
    };

    it('is taken where it is plain, so that the rest can fail', () => {
      const plain = received('x-request-id', id, 'traceparent', trace);
      expect([plain.parent, plain.traceparent]).toEqual([id, trace]);
    });

    it.each([
      [
        'twice',
        ['x-request-id', id, 'x-request-id', id, 'traceparent', trace, 'traceparent', trace],
      ],
      ['twice unlike', ['x-request-id', id, 'x-request-id', 'another-1234']],
      ['in a list', ['x-request-id', `${id}, ${id}`, 'traceparent', `${trace},${trace}`]],
      ['too long', ['x-request-id', id.repeat(1000), 'traceparent', trace.repeat(1000)]],
      ['over lines', ['x-request-id', `${id}\r\nx: y`, 'traceparent', `${trace}\n`]],
      ['with a line end', ['x-request-id', `${id}\n`, 'traceparent', `${trace}\r\n`]],
      ['beyond ASCII', ['x-request-id', `${id}\xe9`, 'traceparent', `${trace}\u2028`]],
    ])('is dropped %s', (_, fields) => {
      const { parent, traceparent } = received(...fields);
      expect([parent, traceparent]).toEqual([null, null]);
    });
  },
);

describe('what the database is sent', () => {
  it.each([trace, null])('has the trace beside our own id, where there is one: %s', async (own) => {
    const { exchange } = handMade();
    const set = stage();
    const context = { traceparent: own, parent: 'the-callers-own' };
    const running = serve(Object.assign(exchange, context), set.upstream);
    await new Promise((resolve) => setImmediate(resolve));
    const fields = set.sent[0]?.request.fields ?? [];
    expect(fields[fields.indexOf('x-request-id') + 1]).toBe('REQUEST');
    expect(fields).not.toContain('the-callers-own');
    expect(fields.includes('traceparent')).toBe(own !== null);
    expect(fields.includes(trace)).toBe(own !== null);
    set.sent[0]?.sink.head(200, []);
    set.sent[0]?.sink.end([]);
    await running;
  });
});
