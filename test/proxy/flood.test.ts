import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Protocol } from '../../src/catalog/operation.ts';
import { limitsSection } from '../../src/limits/config.ts';
import { type Failures, makeFailures } from '../../src/limits/failures.ts';
import type { Exchange } from '../../src/proxy/exchange.ts';
import { serve } from '../../src/proxy/pipeline.ts';
import type { Upstream } from '../../src/proxy/upstream.ts';
import { Refusal } from '../../src/refusal.ts';
import { type HandMade, handMade, stage } from '../support/pipeline.ts';

const trusted = '10.9.9.9';
const burst = 50;
let looked = 0;
let set: ReturnType<typeof stage>;
let upstream: Upstream;

beforeEach(() => {
  vi.useFakeTimers();
  looked = 0;
  const failures: Failures = makeFailures({
    config: limitsSection.parse({}).failures,
    hash: (text) => text.length * 2_654_435_761,
    isKey: () => false,
    alarm: () => undefined,
    now: () => 0,
    carriesMany: (address) => address === trusted,
  });
  set = stage();
  const authenticate: Upstream['authenticate'] = (claimant) => {
    if (claimant.field('api-key') === 'good') return set.upstream.authenticate(claimant);
    looked++;
    const options = { failing: { key: null } };
    throw new Refusal('not-authenticated', 'no key in force', options);
  };
  upstream = { ...set.upstream, failures, authenticate };
});

const connection = (address = '10.0.0.7') => ({ ...handMade().exchange.peer, address });

/** Sends so many requests with one key over one connection, at once. */
function send(
  protocol: Protocol,
  peer: Exchange['peer'],
  key: string,
  times = 1,
): readonly HandMade[] {
  return Array.from({ length: times }, () => {
    const made = handMade(protocol, protocol === 'http' ? '/thing' : '/q.T/Thing');
    const exchange = {
      ...made.exchange,
      peer,
      field: (name: string) => (name === 'api-key' ? key : undefined),
    };
    void serve(exchange, upstream);
    return made;
  });
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}

describe.each(['http', 'grpc'] as const)('a flood of bad credentials over %s', (protocol) => {
  it('is looked at so far, and an honest request on another connection at once', async () => {
    send(protocol, connection(), 'bad', 3000);
    expect(looked).toBeLessThanOrEqual(burst + 20);
    const before = looked;
    send(protocol, connection(), 'good');
    await settled();
    expect(set.sent).toHaveLength(1);
    expect(looked).toBe(before);
  });

  it('goes on when its connection shows a credential that counts', async () => {
    const flooding = connection();
    send(protocol, flooding, 'bad', 40);
    upstream.failures.turns.clear(flooding);
    send(protocol, flooding, 'good');
    await settled();
    expect(set.sent).toHaveLength(1);
    expect(upstream.failures.turns.waiting).toBe(0);
  });

  it('frees all that waited when its connection ends, unlooked at', async () => {
    const all = send(protocol, connection(), 'bad', 500);
    const before = looked;
    for (const made of all) made.leave();
    await settled();
    expect([upstream.failures.held, looked]).toEqual([0, before]);
    expect(set.denials).toHaveLength(500);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  });

  it('lets the other callers of a trusted peer pass, over the same connection', async () => {
    const proxy = connection(trusted);
    send(protocol, proxy, 'bad', 500);
    send(protocol, proxy, 'good');
    await settled();
    expect(looked).toBe(500);
    expect(set.sent).toHaveLength(1);
  });

  it('hears that the gateway is overloaded where very many wait, and its connection ends', async () => {
    send(protocol, connection(), 'bad', 4300);
    const heard = set.passed.filter(({ refusal }) => (refusal as Refusal).code === 'overloaded');
    expect(heard.length).toBeGreaterThan(0);
    expect(upstream.failures.turns.waiting).toBe(4096);
  });
});
