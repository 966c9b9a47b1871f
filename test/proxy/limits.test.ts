import { describe, expect, it } from 'vitest';
import type { Extent, Need, Protocol, Rebuilt } from '../../src/catalog/operation.ts';
import type { Quota } from '../../src/policy/quota.ts';
import { serve } from '../../src/proxy/pipeline.ts';
import { Refusal } from '../../src/refusal.ts';
import { handMade, stage } from '../support/pipeline.ts';

const one: Quota = {
  ...{ key: 'k', name: 'search.concurrent', scope: '', measure: 'concurrent' },
  ...{ units: 1, period: 0, burst: 1 },
};
const ten: Quota = { ...one, key: 'r', name: 'search.requests', measure: 'requests', units: 10 };
const rate: Quota = { ...ten, period: 3_600_000, burst: 10 };

const none = () => ({ points: 0, push: () => undefined });

type Stage = ReturnType<typeof stage>;

function left({ upstream }: Stage, quota: Quota): number | undefined {
  return upstream.limiter.standing([quota])[0]?.left;
}

async function turns(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve();
}

function answered({ sent }: Stage): void {
  sent[0]?.sink.head(200, [], 0);
  sent[0]?.sink.end([]);
}

/** Every way in which an exchange can end. */
const endings: readonly [
  string,
  Parameters<typeof stage>[0],
  (set: Stage, leave: () => void) => void,
][] = [
  ['its answer ends', {}, answered],
  ['its caller goes', {}, (_set, leave) => leave()],
  [
    'its caller goes amid the answer',
    {},
    (set, leave) => {
      set.sent[0]?.sink.head(200, [], null);
      leave();
    },
  ],
  ['the database breaks off', {}, ({ sent }) => sent[0]?.sink.fail(new Error('reset'), false)],
  [
    'it cannot be recorded',
    {
      begin: () => {
        throw new Refusal('audit-unavailable', 'full');
      },
    },
    () => {},
  ],
  [
    'its change cannot be recorded',
    {
      operation: { changes: true },
      end: () => {
        throw new Error('full');
      },
    },
    answered,
  ],
];

describe('limits on the path of a request', () => {
  it.each(endings)('give the place back where %s', async (_how, options, end) => {
    const set = stage({ ...options, quotas: [one] });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    if (set.sent.length > 0) expect(left(set, one)).toBe(0);
    end(set, made.leave);
    await running;
    expect(left(set, one)).toBe(1);
  });

  it('refuse what is over them: nothing is recorded as begun, nothing forwarded', async () => {
    const set = stage({ quotas: [one] });
    const first = handMade();
    const running = serve(first.exchange, set.upstream);
    await turns();
    const second = handMade('grpc', '/q.T/Thing');
    await serve(second.exchange, set.upstream);
    expect(set.sent).toHaveLength(1);
    expect(set.denials).toMatchObject([{ refusal: { code: 'over-limit' } }]);
    expect(set.passed[0]).toMatchObject({ decision: 'deny', status: 8 });
    first.leave();
    await running;
  });

  it('are asked before a body is read, where they have no room for anything', async () => {
    const set = stage({
      quotas: [rate],
      located: { read: () => expect.unreachable('the body was read') },
    });
    set.upstream.limiter.take([rate], 10);
    const made = handMade();
    await serve(made.exchange, set.upstream);
    expect(made.heard.status).toBe(429);
  });

  it.each([
    ['its points', { points: 4 }, 6],
    ['the operations in its batch', { points: 0, work: 3 }, 7],
    ['at least one', { points: 0 }, 9],
  ])('count a request as %s', async (_what, told, rest) => {
    const set = stage({ quotas: [rate], intent: told });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    expect(left(set, rate)).toBe(rest);
    made.leave();
    await running;
    expect(left(set, rate)).toBe(rest);
  });

  it('count what a streamed body holds as it passes, and what the answer carries', async () => {
    const points: Quota = { ...rate, key: 'p', measure: 'points', units: 100, burst: 100 };
    const bytes: Quota = { ...rate, key: 'b', measure: 'bytes', units: 100, burst: 100 };
    const each = () => {
      const counter = {
        points: 0,
        push: (chunk: Uint8Array) => {
          counter.points += chunk.length;
        },
      };
      return counter;
    };
    const set = stage({
      quotas: [rate, points, bytes],
      operation: { countIn: each, countOut: each },
      intent: { points: null, body: null },
    });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    expect(left(set, rate)).toBe(9);
    const body = set.sent[0]?.request.body;
    if (body === null || body === undefined || body instanceof Uint8Array)
      throw new Error('no stream');
    for await (const chunk of body) void chunk;
    expect(left(set, rate)).toBe(6);
    set.sent[0]?.sink.head(200, [], null);
    set.sent[0]?.sink.data(Buffer.from('twelve bytes'));
    expect([left(set, points), left(set, bytes)]).toEqual([88, 88]);
    set.sent[0]?.sink.data(Buffer.from('and so on'));
    set.sent[0]?.sink.end([]);
    await running;
    expect([left(set, points), left(set, bytes)]).toEqual([79, 79]);
  });

  it('are told to whoever asks for its own', async () => {
    const set = stage({ quotas: [rate, one] });
    set.upstream.limiter.take([rate], 12);
    const made = handMade('http', '/.vectorgate/whoami');
    await serve({ ...made.exchange, method: 'GET' }, set.upstream);
    const { limits } = JSON.parse(made.heard.body) as { limits: unknown };
    expect(limits).toEqual([
      {
        name: 'search.requests',
        on: '',
        measure: 'requests',
        units: 10,
        seconds: 3600,
        burst: 10,
        left: 0,
        reset: 1080,
      },
      {
        name: 'search.concurrent',
        on: '',
        measure: 'concurrent',
        units: 1,
        seconds: null,
        burst: 1,
        left: 1,
        reset: 0,
      },
    ]);
  });
});

describe('limits of what an answer carries, on the path of a request', () => {
  const extent: Extent = { results: 5, offset: null, vectors: null, payload: null };
  const streams = { hold: null, holdConfined: 50 };

  it('hold a body that would stream through, and forward what was looked at', async () => {
    const seen: string[] = [];
    const set = stage({
      extent,
      located: streams,
      operation: {
        confine: (_protocol, request) => {
          seen.push(String(request.body));
          return request;
        },
      },
    });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    expect(seen).toEqual(['body']);
    expect(set.sent[0]?.request.body?.toString()).toBe('body');
    made.leave();
    await running;
    expect(set.steps).toContain('let go');
  });

  it('forward what a request was lowered to, and nothing of what it asked for', async () => {
    const set = stage({
      extent: { ...extent, exceed: 'lower' },
      located: streams,
      operation: { confine: (_protocol, request) => ({ ...request, body: Buffer.from('less') }) },
    });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    expect(set.sent[0]?.request).toMatchObject({ body: Buffer.from('less'), length: 4 });
    made.leave();
    await running;
  });

  it('leave every other body alone', async () => {
    const set = stage({
      located: streams,
      operation: { confine: () => expect.unreachable('asked') },
    });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    made.leave();
    await running;
    expect(set.sent).toHaveLength(1);
    expect(set.steps).not.toContain('let go');
  });

  it.each([
    ['read', 'data.read'],
    ['export', 'snapshot.create'],
    ['admin', 'data.export'],
  ] as const)(
    'refuse an operation of %s, recorded as %s, that cannot be held to them',
    async (action, event) => {
      const set = stage({ extent, operation: { action, event } });
      const made = handMade();
      await serve(made.exchange, set.upstream);
      expect(made.heard.status).toBe(403);
      expect(set.denials).toMatchObject([{ refusal: { code: 'not-permitted' } }]);
      expect(set.sent).toEqual([]);
    },
  );

  it.each([
    ['whose points nobody counts', {}, 403],
    ['some of whose points nobody counts', { countOut: none, uncounted: () => true }, 403],
    ['whose points are counted', { countOut: none, uncounted: () => false }, null],
    ['that carries none', { confine: (_: Protocol, request: Rebuilt) => request }, null],
  ])('judge a read %s under a budget of points', async (_what, operation, status) => {
    const budget: Quota = { ...rate, key: 'p', measure: 'points' };
    const set = stage({ quotas: [budget], operation: { action: 'read', ...operation } });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    expect(made.heard.status).toBe(status);
    expect(set.sent).toHaveLength(status === null ? 1 : 0);
    made.leave();
    await running;
  });

  it('refuse a change that takes all of another collection along', async () => {
    const operation = { action: 'admin', event: 'snapshot.recover' } as const;
    const quotas: Quota[] = [{ ...rate, key: 'p', measure: 'points' }];
    const collection = { named: 'other', resolved: 'other' };
    for (const limits of [{ extent }, { quotas }]) {
      const other = stage({ operation: { action: 'export', event: 'data.export' } });
      const reading = other.upstream.database.locate(handMade().exchange).read(null);
      const [need] = (await reading).intent(other.upstream.names).needs as [Need];
      const needs = [need, { ...need, collection }];
      const set = stage({ ...limits, operation, intent: { needs } });
      const made = handMade();
      await serve(made.exchange, set.upstream);
      expect(made.heard.status).toBe(403);
      expect(set.sent).toEqual([]);
    }
  });

  it('let a change pass, whose answer carries no data', async () => {
    const set = stage({ extent, operation: { action: 'write' } });
    const made = handMade();
    const running = serve(made.exchange, set.upstream);
    await turns();
    made.leave();
    await running;
    expect(set.sent).toHaveLength(1);
  });
});
