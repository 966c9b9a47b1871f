import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/admin/metrics.ts';
import type { Operation, Protocol } from '../../src/catalog/operation.ts';
import type { Exchange } from '../../src/proxy/exchange.ts';
import type { Passed } from '../../src/proxy/upstream.ts';
import { Refusal, refusals } from '../../src/refusal.ts';
import { stateWith } from './state.ts';

const query: Operation = {
  name: 'points.query',
  action: 'read',
  event: 'data.query',
  http: [],
  grpc: [],
  everything: false,
  changes: false,
  renames: false,
  denial: () => 'Forbidden',
};

function passed(changes: Partial<Omit<Passed, 'exchange'>> & { protocol?: Protocol } = {}): Passed {
  const { protocol = 'http', ...rest } = changes;
  const exchange = { protocol, startedAt: performance.now() - 10 } as Exchange;
  return {
    exchange,
    operation: query,
    identity: null,
    decision: 'allow',
    status: 200,
    refusal: null,
    upstreamMs: 4,
    ...rest,
  };
}

async function lines(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith(name));
}

describe('metrics of exchanges', () => {
  it('count by upstream, operation, protocol, decision and class of status', async () => {
    const metrics = createMetrics(stateWith());
    const record = metrics.forUpstream('main');
    record(passed());
    record(passed({ status: 204 }));
    record(passed({ status: 503, refusal: new Refusal('overloaded', 'full') }));
    record(passed({ protocol: 'grpc', status: 0 }));
    record(passed({ protocol: 'grpc', status: 7, decision: 'deny' }));
    record(passed({ status: null }));
    expect(await lines(metrics, 'vectorgate_requests_total')).toEqual([
      'vectorgate_requests_total{upstream="main",operation="points.query",protocol="http",decision="allow",status="2xx"} 2',
      'vectorgate_requests_total{upstream="main",operation="points.query",protocol="http",decision="allow",status="5xx"} 1',
      'vectorgate_requests_total{upstream="main",operation="points.query",protocol="grpc",decision="allow",status="0"} 1',
      'vectorgate_requests_total{upstream="main",operation="points.query",protocol="grpc",decision="deny",status="7"} 1',
      'vectorgate_requests_total{upstream="main",operation="points.query",protocol="http",decision="allow",status="none"} 1',
    ]);
  });

  it('keep upstreams apart', async () => {
    const metrics = createMetrics(stateWith());
    metrics.forUpstream('one')(passed());
    metrics.forUpstream('two')(passed());
    const counted = await lines(metrics, 'vectorgate_requests_total');
    expect(counted.map((line) => /upstream="(\w+)"/.exec(line)?.[1])).toEqual(['one', 'two']);
  });

  it('count refusals by code, and what was not refused on purpose as our fault', async () => {
    const metrics = createMetrics(stateWith());
    const record = metrics.forUpstream('main');
    record(passed({ refusal: new Refusal('not-permitted', 'r'), decision: 'deny', status: 403 }));
    record(passed({ refusal: new TypeError('bug'), status: 500 }));
    expect(await lines(metrics, 'vectorgate_refusals_total')).toEqual([
      'vectorgate_refusals_total{upstream="main",protocol="http",code="not-permitted"} 1',
      'vectorgate_refusals_total{upstream="main",protocol="http",code="gateway-fault"} 1',
    ]);
  });

  it('count what was taken by each role that policies know', async () => {
    const metrics = createMetrics(stateWith());
    const record = metrics.forUpstream('main');
    record(passed({ taken: { points: 10, bytes: 4096, roles: ['search', 'audit'] } }));
    record(passed({ taken: { points: 5, bytes: 4, roles: ['search'] } }));
    record(passed());
    expect(await lines(metrics, 'vectorgate_taken_')).toEqual([
      'vectorgate_taken_points_total{upstream="main",role="search"} 15',
      'vectorgate_taken_points_total{upstream="main",role="audit"} 10',
      'vectorgate_taken_bytes_total{upstream="main",role="search"} 4100',
      'vectorgate_taken_bytes_total{upstream="main",role="audit"} 4096',
    ]);
  });

  it('count what looks like an attack, by which', async () => {
    const metrics = createMetrics(stateWith());
    const refusal = new Refusal('unreadable-request', 'r', { alert: 'sourceid' });
    metrics.forUpstream('main')(passed({ refusal, decision: 'deny', status: 400 }));
    expect(await lines(metrics, 'vectorgate_alerts_total')).toEqual([
      'vectorgate_alerts_total{upstream="main",protocol="http",alert="sourceid"} 1',
    ]);
  });

  it('tell the time the database took from the time the gateway added', async () => {
    const metrics = createMetrics(stateWith());
    const record = metrics.forUpstream('main');
    record(passed());
    record(passed({ decision: 'deny', upstreamMs: 0 }));
    const labels = '{upstream="main",protocol="http",action="read"}';
    const [upstream] = await lines(metrics, `vectorgate_upstream_seconds_count${labels}`);
    const [added] = await lines(metrics, `vectorgate_added_seconds_count${labels}`);
    expect(upstream).toBe(`vectorgate_upstream_seconds_count${labels} 1`);
    expect(added).toBe(`vectorgate_added_seconds_count${labels} 2`);
  });

  it('say each time series once, however many operations share it', async () => {
    const metrics = createMetrics(stateWith());
    const record = metrics.forUpstream('main');
    record(passed());
    record(passed({ operation: { ...query, name: 'points.scroll' } }));
    metrics.forUpstream('main')(passed());
    const text = await metrics.text();
    const series = text.split('\n').filter((line) => line.startsWith('vectorgate_'));
    const names = series.map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(names).toHaveLength(new Set(names).size);
    const labels = '{upstream="main",protocol="http",action="read"}';
    expect(text).toContain(`vectorgate_upstream_seconds_count${labels} 3`);
  });

  it('put a time into every bucket that is not below it', async () => {
    const metrics = createMetrics(stateWith());
    metrics.forUpstream('main')(passed({ upstreamMs: 5 }));
    metrics.forUpstream('main')(passed({ upstreamMs: 90_000 }));
    const buckets = await lines(metrics, 'vectorgate_upstream_seconds_bucket');
    const told = buckets.map((line) => line.replace(/^.*le="([^"]+)".* (\d+)$/, '$1 $2'));
    expect(told).toContain('0.0025 0');
    expect(told).toContain('0.005 1');
    expect(told).toContain('60 1');
    expect(told.at(-1)).toBe('+Inf 2');
  });

  it('never let a caller or a database grow a label', async () => {
    const metrics = createMetrics(stateWith());
    const record = metrics.forUpstream('main');
    const any = fc.record({
      protocol: fc.constantFrom<Protocol>('http', 'grpc'),
      operation: fc.constantFrom(null, query),
      decision: fc.constantFrom<Passed['decision']>('allow', 'deny', 'local'),
      status: fc.oneof(fc.constant(null), fc.integer(), fc.double()),
      refusal: fc.constantFrom(null, new Error('x'), new Refusal('too-large', 'x')),
    });
    fc.assert(
      fc.property(any, (changes) => record(passed(changes))),
      { numRuns: 2000 },
    );
    const grpc = 17 + 2;
    const http = 6 + 1;
    const requests = await lines(metrics, 'vectorgate_requests_total');
    expect(requests.length).toBeLessThanOrEqual(2 * 3 * (grpc + http));
    expect(requests.join('\n')).toContain('operation="unknown"');
    const refused = await lines(metrics, 'vectorgate_refusals_total');
    expect(refused.length).toBeLessThanOrEqual(2 * Object.keys(refusals).length);
  });
});

describe('metrics of the gateway', () => {
  it('are read from its state when somebody asks', async () => {
    const state = { ...stateWith() };
    const metrics = createMetrics(state);
    expect(await metrics.text()).toContain('vectorgate_held_bytes 4096');
    Object.assign(state, stateWith({ held: { held: 0, capacity: 1 }, draining: true }));
    const text = await metrics.text();
    expect(text).toContain('vectorgate_held_bytes 0');
    expect(text).toContain('vectorgate_ready 0');
    expect(text).toContain('vectorgate_open_connections 12');
    expect(text).toContain('vectorgate_audit_records_total 4711');
    expect(text).toContain('vectorgate_audit_unrecorded_total{kind="write"} 0');
    expect(text).toContain('vectorgate_upstream_reachable{upstream="main",protocol="grpc"} 1');
    expect(text).toContain('vectorgate_upstream_newer_than_catalogue{upstream="main"} 0');
    expect(text).toContain('vectorgate_build_info{version="1.2.3"} 1');
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('do not count the same records twice when asked twice', async () => {
    const metrics = createMetrics(stateWith());
    await metrics.text();
    expect(await metrics.text()).toContain('vectorgate_audit_records_total 4711\n');
  });

  it('count reloads by part and result', async () => {
    const metrics = createMetrics(stateWith());
    metrics.reloaded('policies', true);
    metrics.reloaded('policies', false);
    expect(await lines(metrics, 'vectorgate_reloads_total')).toEqual([
      'vectorgate_reloads_total{part="policies",result="ok"} 1',
      'vectorgate_reloads_total{part="policies",result="refused"} 1',
    ]);
  });

  it('of two gateways in one process do not meet', async () => {
    const one = createMetrics(stateWith());
    const other = createMetrics(stateWith());
    one.forUpstream('main')(passed());
    expect(await lines(other, 'vectorgate_requests_total')).toEqual([]);
  });
});

describe('what never became a request', () => {
  it('is counted by why', async () => {
    const metrics = createMetrics(stateWith());
    metrics.dropped('handshake');
    metrics.dropped('handshake');
    metrics.dropped('unreadable');
    expect(await lines(metrics, 'vectorgate_dropped_total')).toEqual([
      'vectorgate_dropped_total{reason="handshake"} 2',
      'vectorgate_dropped_total{reason="unreadable"} 1',
    ]);
  });
});
