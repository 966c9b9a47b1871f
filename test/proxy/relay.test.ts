import { describe, expect, it } from 'vitest';
import { serve } from '../../src/proxy/pipeline.ts';
import { Refusal } from '../../src/refusal.ts';
import { handMade, type StageOptions, stage } from '../support/pipeline.ts';

async function turns(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve();
}

/** Starts an exchange and gives what it takes to answer it by hand. */
async function begun(options: StageOptions = {}, protocol: 'http' | 'grpc' = 'http') {
  const made = handMade(protocol, protocol === 'http' ? '/thing' : '/q.T/Thing');
  const set = stage(options);
  const running = serve(made.exchange, set.upstream);
  await turns();
  const first = set.sent[0];
  if (!first) throw new Error('nothing was forwarded');
  return { ...set, made, heard: made.heard, running, sink: first.sink, first };
}

const changing = { operation: { changes: true } };

describe('an answer to a read', () => {
  it('passes on as it comes', async () => {
    const { sink, heard, running } = await begun();
    sink.head(200, [], null);
    sink.data(Buffer.from('a'));
    expect(heard.body).toBe('a');
    sink.end([]);
    await running;
  });

  it('pauses where the caller does not read, and goes on when it does', async () => {
    const { sink, made, steps, running } = await begun();
    made.full = true;
    sink.head(200, [], null);
    expect(sink.data(Buffer.from('a'))).toBe(false);
    made.drain();
    expect(steps).toContain('resume');
    sink.end([]);
    await running;
  });

  it('arrives even where its outcome cannot be recorded', async () => {
    const { sink, heard, running } = await begun({ end: () => Promise.reject(new Error('full')) });
    sink.head(200, [], null);
    sink.data(Buffer.from('a'));
    sink.end([]);
    await running;
    expect(heard).toMatchObject({ body: 'a', ended: 'whole' });
  });
});

describe('an answer to a change', () => {
  it('keeps its last chunk until the outcome is recorded', async () => {
    const recorded = Promise.withResolvers<void>();
    const { sink, heard, running } = await begun({ ...changing, end: () => recorded.promise });
    sink.head(200, [], null);
    sink.data(Buffer.from('a'));
    sink.data(Buffer.from('b'));
    sink.end([]);
    await turns();
    expect(heard).toMatchObject({ body: 'a', ended: null });
    recorded.resolve();
    await running;
    expect(heard).toMatchObject({ body: 'ab', ended: 'whole' });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('full'))],
  ])('is broken off before its last byte where the record %s', async (_how, end) => {
    const { sink, heard, running } = await begun({ ...changing, end });
    sink.head(200, [], null);
    sink.data(Buffer.from('a'));
    sink.end([]);
    await running;
    expect(heard).toMatchObject({ body: '', ended: 'reset' });
  });

  it('is never tried twice, even where the first try provably did not arrive', async () => {
    const { sink, sent, heard, running } = await begun(changing);
    sink.fail(new Refusal('upstream-unreachable', 'gone'), true);
    await running;
    expect(sent).toHaveLength(1);
    expect(heard.status).toBe(502);
  });
});

describe('a failing upstream', () => {
  it('is tried once more where nothing arrived, and the attempt is recorded first', async () => {
    const { sink, sent, steps, heard, outcomes, running } = await begun();
    sink.fail(new Error('reset'), true);
    expect(steps.slice(-2)).toEqual(['attempt 2', 'forward']);
    sent[1]?.sink.head(200, [], null);
    sent[1]?.sink.end([]);
    await running;
    expect(heard.ended).toBe('whole');
    expect(outcomes[0]?.attempts).toBe(2);
  });

  it('is not tried a third time', async () => {
    const { sink, sent, heard, running } = await begun();
    sink.fail(new Error('reset'), true);
    sent[1]?.sink.fail(new Error('reset'), true);
    await running;
    expect(sent).toHaveLength(2);
    expect(heard.status).toBe(502);
  });

  it('breaks an answer off that has begun, so that nobody takes it for whole', async () => {
    const { sink, heard, outcomes, running } = await begun();
    sink.head(200, [], null);
    sink.data(Buffer.from('half'));
    sink.fail(new Error('reset'), false);
    await running;
    expect(heard.ended).toBe('reset');
    expect(outcomes[0]).toMatchObject({ status: null, failure: 'upstream-unreachable' });
  });
});

describe('a caller that goes away', () => {
  it('ends the record and gives the upstream try up', async () => {
    const { made, first, outcomes, running } = await begun();
    made.leave();
    await running;
    expect(first.aborted).toBe(true);
    expect(outcomes[0]).toMatchObject({ status: null, failure: 'client-gone' });
  });

  it('is recorded once, whatever the database says afterwards', async () => {
    const { made, sink, outcomes, running } = await begun();
    made.leave();
    sink.head(200, [], null);
    sink.end([]);
    await running;
    expect(outcomes).toHaveLength(1);
  });
});

describe('a trimmed answer', () => {
  const trim = (_protocol: string, answer: Buffer) => Buffer.from(`<${answer.toString()}>`);

  it('is held whole, trimmed and sent at once', async () => {
    const { sink, heard, running } = await begun({ operation: { trim } });
    sink.head(200, [], null);
    sink.data(Buffer.from('a'));
    expect(heard.status).toBeNull();
    sink.data(Buffer.from('b'));
    sink.end([]);
    await running;
    expect(heard.body).toBe('<ab>');
  });

  it('is taken out of its gRPC frame and put into a new one', async () => {
    const { sink, heard, running } = await begun({ operation: { trim } }, 'grpc');
    sink.head(200, [], null);
    sink.data(Buffer.from([0, 0, 0, 0, 1, 0x61]));
    sink.end(['grpc-status', '0']);
    await running;
    expect(heard.body).toBe('\0\0\0\0\x03<a>');
    expect(heard.trailers).toEqual(['grpc-status', '0']);
  });

  it('never reaches the caller where it cannot be trimmed', async () => {
    const failing = () => {
      throw new TypeError('unreadable');
    };
    const { sink, heard, running } = await begun({ operation: { trim: failing } });
    sink.head(200, [], null);
    sink.data(Buffer.from('sec'));
    sink.end([]);
    await running;
    expect(heard.status).toBe(500);
    expect(heard.body).not.toContain('sec');
  });

  it('passes a refusal of the database on as it is', async () => {
    const { sink, heard, running } = await begun({ operation: { trim } });
    sink.head(404, [], null);
    sink.data(Buffer.from('no'));
    sink.end([]);
    await running;
    expect(heard).toMatchObject({ status: 404, body: 'no' });
  });
});

describe('a gRPC answer of a status alone', () => {
  it('goes out as one frame, with its status in the record', async () => {
    const { sink, heard, outcomes, running } = await begun({}, 'grpc');
    sink.head(200, ['grpc-status', '5'], null);
    sink.end([]);
    await running;
    expect(heard).toMatchObject({ status: 200, body: '', trailers: [], ended: 'whole' });
    expect(outcomes[0]?.status).toBe(5);
  });
});

describe('an answer whose length the database tells', () => {
  it('goes out with its last chunk and its end in one', async () => {
    const { sink, heard, running } = await begun();
    sink.head(200, [], 2);
    sink.data(Buffer.from('a'));
    expect(heard.body).toBe('a');
    sink.data(Buffer.from('b'));
    expect(heard.body).toBe('a');
    sink.end([]);
    await running;
    expect(heard).toMatchObject({ body: 'ab', ended: 'whole' });
  });
});

describe("a database that does not take the gateway's own credential", () => {
  it.each([
    ['http', 401, []],
    ['grpc', 200, ['grpc-status', '16', 'grpc-message', 'Invalid API key or JWT']],
  ] as const)(
    'is not taken by the caller for a refusal of its own (%s)',
    async (wire, status, fields) => {
      const { sink, heard, outcomes, running, first } = await begun({}, wire);
      sink.head(status, fields, null);
      sink.data(Buffer.from('Invalid API key or JWT'));
      sink.end([]);
      await running;
      expect(first.aborted).toBe(true);
      expect(heard.status).toBe(502);
      expect(heard.body).not.toContain('Invalid');
      expect(outcomes).toMatchObject([{ status: null, failure: 'upstream-unreachable' }]);
    },
  );
});

describe("a database that does not let the gateway's own user do something", () => {
  const denial = () => 'PrivilegeThing: permission deny to this caller';
  const says = 'PrivilegeThing: permission deny to gateway in the `default` database';

  it.each([
    ['http', 403, []],
    ['grpc', 200, ['grpc-status', '7', 'grpc-message', says]],
  ] as const)(
    'is not heard where the operation says so itself (%s)',
    async (wire, status, fields) => {
      const { sink, heard, outcomes, running, first } = await begun(
        { operation: { denial, deniesByName: true } },
        wire,
      );
      sink.head(status, fields, null);
      sink.data(Buffer.from(says));
      sink.end([]);
      await running;
      expect(first.aborted).toBe(true);
      expect(JSON.stringify(heard)).not.toContain('gateway in');
      expect(outcomes).toMatchObject([{ status: null, failure: 'not-permitted' }]);
    },
  );

  it('is not heard in trailers that follow a head', async () => {
    const { sink, heard, running } = await begun(
      { operation: { denial, deniesByName: true } },
      'grpc',
    );
    sink.head(200, [], null);
    sink.end(['grpc-status', '7', 'grpc-message', says, 'grpc-status-details-bin', 'AA']);
    await running;
    expect(heard.trailers.slice(0, 2)).toEqual(['grpc-status', '7']);
    expect(heard.trailers).toHaveLength(4);
    expect(JSON.stringify(heard)).not.toContain('gateway in');
  });

  it('is heard where the operation says nothing of its own', async () => {
    const { sink, heard, running } = await begun({}, 'grpc');
    sink.head(200, ['grpc-status', '7', 'grpc-message', 'Forbidden'], null);
    sink.end([]);
    await running;
    expect(heard.fields).toContain('Forbidden');
  });
});

describe('a call that fails behind a head of its own', () => {
  it('has its status though its answer would have been trimmed', async () => {
    const trim = (_protocol: unknown, answer: Buffer) => answer;
    const { sink, heard, running } = await begun({ operation: { trim } }, 'grpc');
    sink.head(200, [], null);
    sink.end(['grpc-status', '5', 'grpc-message', 'gone']);
    await running;
    expect([...heard.fields, ...heard.trailers]).toEqual(
      expect.arrayContaining(['grpc-status', '5', 'grpc-message', 'gone']),
    );
  });
});
