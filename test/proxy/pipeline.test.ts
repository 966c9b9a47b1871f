import { describe, expect, it } from 'vitest';
import { serve } from '../../src/proxy/pipeline.ts';
import { Refusal } from '../../src/refusal.ts';
import { handMade, stage } from '../support/pipeline.ts';

/** Serves an exchange whose database answers 200 `ok` at once. */
async function served(options: Parameters<typeof stage>[0] = {}, target = '/thing') {
  const made = handMade('http', target);
  const set = stage(options);
  const running = serve(made.exchange, set.upstream);
  await turns();
  const sink = set.sent[0]?.sink;
  sink?.head(200, ['content-type', 'text/plain'], null);
  sink?.data(Buffer.from('ok'));
  sink?.end([]);
  await running;
  return { ...set, heard: made.heard };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 8; i++) await Promise.resolve();
}

describe('the pipeline', () => {
  it('records the intent before it forwards and the outcome after', async () => {
    const { steps, heard, outcomes } = await served();
    expect(steps).toEqual(['intent', 'forward', 'outcome', 'let go']);
    expect(heard).toMatchObject({ status: 200, body: 'ok', ended: 'whole' });
    expect(outcomes[0]).toMatchObject({ status: 200, attempts: 1, bytes: { in: 4, out: 2 } });
  });

  it('forwards our request id and our credential, and returns the id', async () => {
    const { sent, heard } = await served();
    expect(sent[0]?.request.fields).toEqual([
      'x-request-id',
      'REQUEST',
      'api-key',
      'upstream-secret',
    ]);
    expect(heard.fields).toContain('REQUEST');
  });

  it('forwards nothing without a permit, and records the denial', async () => {
    const { steps, heard, denials } = await served({ allows: () => false });
    expect(steps).toEqual(['denial', 'let go']);
    expect(heard.status).toBe(403);
    expect(denials[0]?.refusal.code).toBe('not-permitted');
    expect(denials[0]?.needs).toHaveLength(1);
  });

  it('reads no body for whoever the head alone denies', async () => {
    const denied = {
      operation: {} as never,
      action: 'write',
      collection: null,
      database: null,
    } as const;
    const { steps } = await served({
      allows: (need) => need.action !== 'write',
      located: {
        needs: () => [{ ...denied, operation: { name: 'x' } as never }],
        read: () => expect.unreachable('the body was read'),
      },
    });
    expect(steps).toEqual(['denial']);
  });

  it('answers 401 before 404 to whoever has no credential', async () => {
    const nobody = new Refusal('not-authenticated', 'no credential');
    expect((await served({ identity: nobody }, '/nothing')).heard.status).toBe(401);
    expect((await served({}, '/nothing')).heard.status).toBe(404);
  });

  it('refuses an attack before it asks who sends it, and before anything else', async () => {
    const made = handMade();
    const exchange = { ...made.exchange, field: (name: string) => name };
    const { upstream, passed, denials, sent } = stage();
    await serve(exchange, upstream);
    expect(made.heard.status).toBe(400);
    expect(passed[0]?.refusal).toMatchObject({ alert: 'attack' });
    expect([denials[0]?.identity, sent.length]).toEqual([null, 0]);
  });

  it('answers a public operation by itself, without identity, permit or record', async () => {
    const nobody = new Refusal('not-authenticated', 'no credential');
    const body = Buffer.from('all good');
    const answer = () => ({ status: 200, contentType: 'text/plain', body });
    const { steps, heard, passed } = await served({
      identity: nobody,
      operation: { action: 'public', answer },
    });
    expect(steps).toEqual([]);
    expect(heard).toMatchObject({ status: 200, body: 'all good' });
    expect(passed[0]?.decision).toBe('local');
  });

  it('forwards nothing where the intent cannot be written', async () => {
    const full = () => {
      throw new Refusal('audit-unavailable', 'disk full');
    };
    const { sent, heard } = await served({ begin: full });
    expect(sent).toHaveLength(0);
    expect(heard.status).toBe(503);
  });

  it('calls what was not refused on purpose its own fault, and says no more', async () => {
    const { heard, denials } = await served({
      located: {
        read: () => {
          throw new TypeError('secret detail');
        },
      },
    });
    expect(heard.status).toBe(500);
    expect(heard.body).not.toContain('secret detail');
    expect(denials[0]?.refusal.message).toBe('secret detail');
  });

  it('settles what names mean before it lets anyone else ask', async () => {
    const { steps } = await served({ operation: { renames: true } });
    expect(steps).toEqual(['changing', 'intent', 'forward', 'outcome', 'changed', 'let go']);
  });

  it('asks again who sends a request once its body has come, and what they may do', async () => {
    const made = handMade();
    const body = Promise.withResolvers<Buffer>();
    const slow = { ...made.exchange.body, hold: () => body.promise };
    let revoked = false;
    const set = stage();
    const authenticate = (claimant: never) => {
      if (revoked) throw new Refusal('not-authenticated', 'revoked meanwhile');
      return set.upstream.authenticate(claimant);
    };
    const exchange = { ...made.exchange, answer: made.exchange.answer, body: slow };
    const running = serve(exchange, { ...set.upstream, authenticate: authenticate as never });
    await turns();
    revoked = true;
    body.resolve(Buffer.from('body'));
    await running;
    expect(set.steps).toEqual(['denial', 'let go']);
    expect(made.heard.status).toBe(401);
  });

  it('judges no two changes of the same names at once, though both waited for a third', async () => {
    const first = Promise.withResolvers<void>();
    const under = new Set<Promise<void>>([first.promise]);
    const set = stage({ operation: { renames: true, changes: true } });
    const names = {
      ...set.upstream.names,
      settled: () => (under.size > 0 ? Promise.all(under).then(() => undefined) : null),
      changing: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        under.add(promise);
        const done = () => {
          under.delete(promise);
          resolve();
        };
        return { ready: null, done };
      },
    };
    const upstream = { ...set.upstream, names };
    const running = [handMade(), handMade()].map(({ exchange }) => serve(exchange, upstream));
    await turns();
    under.delete(first.promise);
    first.resolve();
    await turns();
    expect(set.sent).toHaveLength(1);
    set.sent[0]?.sink.head(200, [], 0);
    set.sent[0]?.sink.end([]);
    await running[0];
    await turns();
    expect(set.sent).toHaveLength(2);
    set.sent[1]?.sink.head(200, [], 0);
    set.sent[1]?.sink.end([]);
    await Promise.all(running);
  });

  it('sees a change of names to its end though the caller has gone, and records the end', async () => {
    const made = handMade();
    const set = stage({ operation: { renames: true, changes: true } });
    const running = serve(made.exchange, set.upstream);
    await turns();
    made.leave();
    expect(set.sent[0]?.aborted).toBe(false);
    expect(set.steps).toEqual(['changing', 'intent', 'forward']);
    set.sent[0]?.sink.head(200, [], 2);
    set.sent[0]?.sink.data(Buffer.from('ok'));
    set.sent[0]?.sink.end([]);
    await running;
    expect(set.outcomes).toMatchObject([{ status: 200, failure: 'client-gone' }]);
    expect(made.heard.status).toBeNull();
  });

  it('sends a change of names only once no request stands in its way', async () => {
    const free = Promise.withResolvers<void>();
    const set = stage({ operation: { renames: true } });
    const changing = () => ({ ready: free.promise, done: () => undefined });
    const names = { ...set.upstream.names, changing };
    const running = serve(handMade().exchange, { ...set.upstream, names });
    await turns();
    expect(set.steps).toEqual([]);
    free.resolve();
    await turns();
    expect(set.steps).toEqual(['intent', 'forward']);
    set.sent[0]?.sink.head(200, [], 0);
    set.sent[0]?.sink.end([]);
    await running;
  });

  it('refuses a change of names that would wait too long, and lets the names go', async () => {
    const set = stage({ operation: { renames: true } });
    const ready = Promise.reject(new Refusal('overloaded', 'still under way'));
    let over = false;
    const done = () => {
      over = true;
    };
    const names = { ...set.upstream.names, changing: () => ({ ready, done }) };
    const made = handMade();
    await serve(made.exchange, { ...set.upstream, names });
    expect(set.sent).toHaveLength(0);
    expect(made.heard.status).toBe(503);
    expect(over).toBe(true);
  });

  it.each([true, false])(
    'counts the names it reaches the database by (denied: %s)',
    async (denied) => {
      const set = stage({ allows: () => !denied });
      const log: string[] = [];
      const using = (reached: readonly string[]) => {
        log.push(`begin ${reached}`);
        return () => void log.push('end');
      };
      const upstream = { ...set.upstream, names: { ...set.upstream.names, using } };
      const running = serve(handMade().exchange, upstream);
      await turns();
      expect(log).toEqual(denied ? [] : ['begin pub']);
      set.sent[0]?.sink.head(200, [], 0);
      set.sent[0]?.sink.end([]);
      await running;
      expect(log).toEqual(denied ? [] : ['begin pub', 'end']);
    },
  );

  it('gives up everything else when the caller goes', async () => {
    const made = handMade();
    const set = stage({ operation: { changes: true } });
    const running = serve(made.exchange, set.upstream);
    await turns();
    made.leave();
    await running;
    expect(set.sent[0]?.aborted).toBe(true);
    expect(set.outcomes).toMatchObject([{ status: null, failure: 'client-gone' }]);
  });

  it('tells a credential who it is', async () => {
    const { heard } = await served({}, '/.vectorgate/whoami');
    expect(heard.status).toBe(404); // only GET asks
  });
});
