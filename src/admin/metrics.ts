import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import type { Operation, Protocol } from '../catalog/operation.ts';
import type { CredentialEvent } from '../proxy/credentials.ts';
import type { Passed, Taken } from '../proxy/upstream.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { registerGauges } from './gauges.ts';
import type { GatewayState, Part } from './state.ts';
import { type Count, registerTally, type Tally } from './tally.ts';
import { makeTimings, type Timing, type Timings } from './timing.ts';

/** Why bytes never became a request: a client certificate that is not taken, a handshake that came
 * to nothing, what cannot be read as HTTP. */
export type Dropped = 'certificate' | 'handshake' | 'unreadable';

/** Counts what passes, and writes it out for Prometheus. No label takes a value that a caller
 * chooses: names of principals and collections are in the audit log. */
export interface Metrics {
  /** What `Upstream.passed` calls for each exchange of this upstream. */
  forUpstream(name: string): (passed: Passed) => void;
  /** Counts one reload of a part of the configuration. */
  reloaded(part: Part, ok: boolean): void;
  /** Counts a connection, or what it sent, that never became a request. */
  dropped(reason: Dropped): void;
  /** Counts what becomes of an upstream's credentials. */
  credential(upstream: string, event: CredentialEvent['event']): void;
  /** Counts a sweep through a collection that a limit only alarms of. */
  swept(upstream: string): void;
  /** Everything, in the Prometheus text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Makes the metrics of one process, in a registry of their own. */
export function createMetrics(state: GatewayState): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerGauges(registry, state);
  const families = familiesIn(registry);
  const { reloads, drops, credentials, sweeps } = eventsIn(registry);
  return {
    swept: (upstream) => sweeps.inc({ upstream }),
    credential: (upstream, event) => credentials.inc({ upstream, event }),
    forUpstream: (name) => upstreamRecorder(families, name),
    dropped: (reason) => drops.inc({ reason }),
    reloaded: (part, ok) => reloads.inc({ part, result: ok ? 'ok' : 'refused' }),
    text: async () => {
      const { added, upstream } = families;
      return [await registry.metrics(), added.text(), upstream.text()].join('\n');
    },
    contentType: registry.contentType,
  };
}

/** What happens beside requests. */
function eventsIn(registry: Registry) {
  const registers = [registry];
  return {
    reloads: new Counter({
      name: 'vectorgate_reloads_total',
      help: 'Reloads of a part of the configuration',
      labelNames: ['part', 'result'],
      registers,
    }),
    drops: new Counter({
      name: 'vectorgate_dropped_total',
      help: 'Connections, or what they sent, that never became a request',
      labelNames: ['reason'],
      registers,
    }),
    credentials: new Counter({
      name: 'vectorgate_credentials_total',
      help: 'What became of the credentials that are presented to databases',
      labelNames: ['upstream', 'event'],
      registers,
    }),
    sweeps: new Counter({
      name: 'vectorgate_sweep_alarms_total',
      help: 'Sweeps through a collection that passed, and were told',
      labelNames: ['upstream'],
      registers,
    }),
  };
}

interface Families {
  readonly requests: Tally;
  readonly refusals: Tally;
  readonly alerts: Counter;
  readonly points: Tally;
  readonly bytes: Tally;
  readonly added: Timings;
  readonly upstream: Timings;
}

function familiesIn(registry: Registry): Families {
  return {
    requests: registerTally(
      registry,
      'vectorgate_requests_total',
      'Requests by what became of them; status: the class of an HTTP status, or a gRPC code',
      ['upstream', 'operation', 'protocol', 'decision', 'status'],
    ),
    refusals: registerTally(
      registry,
      'vectorgate_refusals_total',
      'Requests that were refused, by refusal code',
      ['upstream', 'protocol', 'code'],
    ),
    alerts: new Counter({
      name: 'vectorgate_alerts_total',
      help: 'Requests that look like an attack, by which; all were refused',
      labelNames: ['upstream', 'protocol', 'alert'],
      registers: [registry],
    }),
    points: registerTally(
      registry,
      'vectorgate_taken_points_total',
      'Points that answers carried, for each role of the caller that policies know',
      ['upstream', 'role'],
    ),
    bytes: registerTally(
      registry,
      'vectorgate_taken_bytes_total',
      'Bytes that answers carried, for each role of the caller that policies know',
      ['upstream', 'role'],
    ),
    added: makeTimings(
      'vectorgate_added_seconds',
      'Time an exchange took beyond the database, its client sending a held body included',
    ),
    upstream: makeTimings(
      'vectorgate_upstream_seconds',
      'Time from the first byte sent to the database to the end of its answer',
    ),
  };
}

/** The series of one operation on one protocol, found once: an exchange builds no labels. */
interface Bound {
  readonly requests: Map<Passed['decision'], Map<string, Count>>;
  readonly added: Timing;
  readonly upstream: Timing;
}

function upstreamRecorder(families: Families, name: string): (passed: Passed) => void {
  const bound: Record<Protocol, Map<Operation | null, Bound>> = {
    http: new Map(),
    grpc: new Map(),
  };
  const refused: Record<Protocol, Map<RefusalCode, Count>> = { http: new Map(), grpc: new Map() };
  const take = takingRecorder(families, name);
  return function record({ exchange, operation, decision, status, refusal, upstreamMs, taken }) {
    const { protocol } = exchange;
    if (taken) take(taken);
    const own = kept(bound[protocol], operation, () => bind(families, name, protocol, operation));
    const byStatus = kept(own.requests, decision, () => new Map<string, Count>());
    const label = statusLabel(protocol, status);
    const count = kept(byStatus, label, () => {
      const names = { upstream: name, operation: operation?.name ?? 'unknown' };
      return families.requests.series({ ...names, protocol, decision, status: label });
    });
    count.value += 1;
    if (refusal) {
      const code = refusal instanceof Refusal ? refusal.code : 'gateway-fault';
      if (refusal instanceof Refusal && refusal.alert !== undefined)
        families.alerts.inc({ upstream: name, protocol, alert: refusal.alert });
      kept(refused[protocol], code, () =>
        families.refusals.series({ upstream: name, protocol, code }),
      ).value += 1;
    }
    const took = performance.now() - exchange.startedAt;
    own.added.observe(Math.max(0, took - upstreamMs) / 1000);
    if (upstreamMs > 0) own.upstream.observe(upstreamMs / 1000);
  };
}

/** A caller of several roles took under each of them: which one let it is not what matters. */
function takingRecorder(families: Families, upstream: string): (taken: Taken) => void {
  const bound = new Map<string, { readonly points: Count; readonly bytes: Count }>();
  return function record({ points, bytes, roles }) {
    for (const role of roles) {
      const own = kept(bound, role, () => ({
        points: families.points.series({ upstream, role }),
        bytes: families.bytes.series({ upstream, role }),
      }));
      own.points.value += points;
      own.bytes.value += bytes;
    }
  };
}

function bind(
  families: Families,
  upstream: string,
  protocol: Protocol,
  operation: Operation | null,
): Bound {
  const labels = { upstream, protocol, action: operation?.action ?? 'unknown' };
  return {
    requests: new Map(),
    added: families.added.series(labels),
    upstream: families.upstream.series(labels),
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
