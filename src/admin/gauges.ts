import { Counter, Gauge, type Registry } from 'prom-client';
import { type GatewayState, isReady } from './state.ts';

/** Registers what is read at the moment of a scrape: readiness, upstreams, audit log, held bytes,
 * connections. */
export function registerGauges(registry: Registry, state: GatewayState): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `vectorgate_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('ready', 'Whether requests can be served now', () => Number(isReady(state)));
  gauge('draining', 'Whether the gateway is on its way out', () => Number(state.draining));
  gauge('open_connections', 'Client connections', () => state.openConnections);
  gauge('held_bytes', 'Bytes of request bodies held for reading', () => state.held.held);
  gauge('held_capacity_bytes', 'Bytes that may be held at most', () => state.held.capacity);
  gauge('failures_held', 'Answers to failing credentials that wait', () => state.failures.held);
  gauge('audit_ready', 'Whether audit records can be taken', () => Number(state.audit.ready));
  gauge('audit_segment_bytes', 'Bytes in the present audit segment', () => state.audit.bytes);
  gauge('audit_queue_records', 'Audit records that wait for the disk', () => state.audit.queue);
  gauge(
    'audit_group_records',
    'Audit records that the last sync settled together',
    () => state.audit.groupSize,
  );
  gauge('audit_damaged', 'Whether records of earlier runs were found damaged', () => {
    return Number(state.audit.damaged !== null);
  });
  gauge('audit_space_bytes', 'Bytes on the disk in the audit directory', () => {
    return state.audit.space.bytes;
  });
  gauge('audit_space_limit_bytes', 'Bytes that the audit log may come to', () => {
    return state.audit.space.limit;
  });
  gauge('audit_checkpoint_records', 'Audit records that the last checkpoint covers', () => {
    return state.audit.checkpoints?.covered ?? 0;
  });
  gauge('audit_checkpoints_waiting', 'Audit checkpoints that are still to be copied', () => {
    return state.audit.checkpoints?.waiting ?? 0;
  });
  gauge('store_up', 'Whether the shared store answers as it was', () => {
    return Number(state.store?.state === 'up');
  });
  gauge('store_unseen_seconds', 'Time since the shared store was seen as it was', () => {
    return (state.store?.unseenFor ?? 0) / 1000;
  });
  gauge('store_gateways', 'Gateways that share the store', () => state.store?.gateways ?? 0);
  if (state.workers) registerWorkers(registers, state);
  registerAuditTotals(registers, state);
  new Counter({
    name: 'vectorgate_failure_alarms_total',
    help: 'Sources and keys of which many failed authentications were told',
    registers,
    collect() {
      this.reset();
      this.inc(state.failures.alarms);
    },
  });
  registerUpstreams(registers, state);
  new Gauge({
    name: 'vectorgate_build_info',
    help: 'The version that runs',
    labelNames: ['version'],
    registers,
  }).set({ version: state.version }, 1);
}

function registerWorkers(registers: Registry[], state: GatewayState): void {
  new Gauge({
    name: 'vectorgate_workers',
    help: 'Processes that can serve requests',
    registers,
    collect() {
      this.set(state.workers?.workers.filter(({ ready }) => ready).length ?? 0);
    },
  });
  new Counter({
    name: 'vectorgate_worker_restarts_total',
    help: 'Processes that were started in place of one that ended',
    registers,
    collect() {
      this.reset();
      this.inc(state.workers?.restarts ?? 0);
    },
  });
}

function registerAuditTotals(registers: Registry[], state: GatewayState): void {
  new Counter({
    name: 'vectorgate_audit_records_total',
    help: 'Audit records of this writer',
    registers,
    collect() {
      this.reset();
      this.inc(state.audit.records);
    },
  });
  new Counter({
    name: 'vectorgate_audit_unrecorded_total',
    help: 'Operations that passed without an audit record, as `unavailable: forward` lets them',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const kind of ['read', 'write'] as const)
        this.inc({ kind }, state.audit.unrecorded[kind]);
    },
  });
}

function registerUpstreams(registers: Registry[], state: GatewayState): void {
  new Gauge({
    name: 'vectorgate_upstream_reachable',
    help: 'Whether the database answered when last asked',
    labelNames: ['upstream', 'protocol'],
    registers,
    collect() {
      for (const { name, reachable } of state.upstreams) {
        for (const [protocol, answers] of Object.entries(reachable)) {
          this.set({ upstream: name, protocol }, Number(answers));
        }
      }
    },
  });
  new Gauge({
    name: 'vectorgate_upstream_newer_than_catalogue',
    help: 'Whether the database is newer than the catalogue is proved complete against',
    labelNames: ['upstream'],
    registers,
    collect() {
      for (const { name, newerThanCatalogue } of state.upstreams) {
        this.set({ upstream: name }, Number(newerThanCatalogue));
      }
    },
  });
}
