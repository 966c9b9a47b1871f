import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Operation, Protocol } from '../catalog/operation.ts';
import type { Passed } from '../proxy/upstream.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { registerGauges } from './gauges.ts';
import type { GatewayState, Part } from './state.ts';

/** Counts what passes, and writes it out for Prometheus. No label takes a value that a caller
 * chooses: names of principals and collections are in the audit log. */
export interface Metrics {
  /** What `Upstream.passed` calls for each exchange of this upstream. */
  forUpstream(name: string): (passed: Passed) => void;
  /** Counts one reload of a part of the configuration. */
  reloaded(part: Part, ok: boolean): void;
  /** Everything, in the Prometheus text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics(state: GatewayState): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, state);
  const families = { ...countFamilies(registers), ...timeFamilies(registers) };
  const reloads = new Counter({
    name: 'vectorgate_reloads_total',
    help: 'Reloads of a part of the configuration',
    labelNames: ['part', 'result'],
    registers,
  });
  return {
    forUpstream: (name) => upstreamRecorder(families, name),
    reloaded: (part, ok) => reloads.inc({ part, result: ok ? 'ok' : 'refused' }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Families = ReturnType<typeof countFamilies> & ReturnType<typeof timeFamilies>;

function countFamilies(registers: Registry[]) {
  return {
    requests: new Counter({
      name: 'vectorgate_requests_total',
      help: 'Requests by what became of them; status: the class of an HTTP status, or a gRPC code',
      labelNames: ['upstream', 'operation', 'protocol', 'decision', 'status'],
      registers,
    }),
    refusals: new Counter({
      name: 'vectorgate_refusals_total',
      help: 'Requests that were refused, by refusal code',
      labelNames: ['upstream', 'protocol', 'code'],
      registers,
    }),
  };
}

/** Seconds: from what a decision alone takes to what a snapshot takes. */
const buckets = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
];

function timeFamilies(registers: Registry[]) {
  const labelNames = ['upstream', 'protocol', 'action'] as const;
  return {
    added: new Histogram({
      name: 'vectorgate_added_seconds',
      help: 'Time an exchange took beyond the database, its client sending a held body included',
      labelNames,
      buckets,
      registers,
    }),
    upstream: new Histogram({
      name: 'vectorgate_upstream_seconds',
      help: 'Time from the first byte sent to the database to the end of its answer',
      labelNames,
      buckets,
      registers,
    }),
  };
}

/** The children of one operation on one protocol, bound once: an exchange builds no labels. */
interface Bound {
  readonly requests: Map<Passed['decision'], Map<string, Counter.Internal>>;
  readonly added: Histogram.Internal<string>;
  readonly upstream: Histogram.Internal<string>;
}

function upstreamRecorder(families: Families, name: string): (passed: Passed) => void {
  const bound: Record<Protocol, Map<Operation | null, Bound>> = {
    http: new Map(),
    grpc: new Map(),
  };
  const refused: Record<Protocol, Map<RefusalCode, Counter.Internal>> = {
    http: new Map(),
    grpc: new Map(),
  };
  return function record({ exchange, operation, decision, status, refusal, upstreamMs }) {
    const { protocol } = exchange;
    const own = kept(bound[protocol], operation, () =>
      bind(families, name, protocol, operation?.action ?? 'unknown'),
    );
    const byStatus = kept(own.requests, decision, () => new Map<string, Counter.Internal>());
    const label = statusLabel(protocol, status);
    kept(byStatus, label, () =>
      families.requests.labels(name, operation?.name ?? 'unknown', protocol, decision, label),
    ).inc();
    if (refusal) {
      const code = refusal instanceof Refusal ? refusal.code : 'gateway-fault';
      kept(refused[protocol], code, () => families.refusals.labels(name, protocol, code)).inc();
    }
    const took = performance.now() - exchange.startedAt;
    own.added.observe(Math.max(0, took - upstreamMs) / 1000);
    if (upstreamMs > 0) own.upstream.observe(upstreamMs / 1000);
  };
}

function bind(families: Families, name: string, protocol: Protocol, action: string): Bound {
  return {
    requests: new Map(),
    added: families.added.labels(name, protocol, action),
    upstream: families.upstream.labels(name, protocol, action),
  };
}

function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

const grpcCodes = Array.from({ length: 17 }, (_, code) => String(code));
const httpClasses = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** One of a closed set, whatever the database answers. */
function statusLabel(protocol: Protocol, status: number | null): string {
  if (status === null) return 'none';
  const labels = protocol === 'grpc' ? grpcCodes : httpClasses;
  return labels[protocol === 'grpc' ? status : Math.trunc(status / 100)] ?? 'other';
}
