import { Counter, Gauge, type Registry } from 'prom-client';
import { type GatewayState, isReady } from './state.ts';

/** A gauge by its name, without the `vectorgate_`, its help, and what it is at the moment. */
type Reading = readonly [name: string, help: string, read: (state: GatewayState) => number];

const readings: readonly Reading[] = [
  ['ready', 'Whether requests can be served now', (state) => Number(isReady(state))],
  ['draining', 'Whether the gateway is on its way out', ({ draining }) => Number(draining)],
  ['open_connections', 'Client connections', ({ openConnections }) => openConnections],
  ['held_bytes', 'Bytes of request bodies held for reading', ({ held }) => held.held],
  ['held_capacity_bytes', 'Bytes that may be held at most', ({ held }) => held.capacity],
  ['failures_held', 'Answers to failing credentials that wait', ({ failures }) => failures.held],
  ['audit_ready', 'Whether audit records can be taken', ({ audit }) => Number(audit.ready)],
  ['audit_segment_bytes', 'Bytes in the present audit segment', ({ audit }) => audit.bytes],
  ['audit_queue_records', 'Audit records that wait for the disk', ({ audit }) => audit.queue],
  [
    'audit_group_records',
    'Audit records that the last sync settled together',
    ({ audit }) => audit.groupSize,
  ],
  [
    'audit_damaged',
    'Whether records of earlier runs were found damaged',
    ({ audit }) => Number(audit.damaged !== null),
  ],
  [
    'audit_space_bytes',
    'Bytes on the disk in the audit directory',
    ({ audit }) => audit.space.bytes,
  ],
  [
    'audit_space_limit_bytes',
    'Bytes that the audit log may come to',
    ({ audit }) => audit.space.limit,
  ],
  [
    'audit_checkpoint_records',
    'Audit records that the last checkpoint covers',
    ({ audit }) => audit.checkpoints?.covered ?? 0,
  ],
  [
    'audit_checkpoints_waiting',
    'Audit checkpoints that are still to be copied',
    ({ audit }) => audit.checkpoints?.waiting ?? 0,
  ],
  [
    'store_up',
    'Whether the shared store answers as it was',
    ({ store }) => Number(store?.state === 'up'),
  ],
  [
    'store_unseen_seconds',
    'Time since the shared store was seen as it was',
    ({ store }) => (store?.unseenFor ?? 0) / 1000,
  ],
  ['store_gateways', 'Gateways that share the store', ({ store }) => store?.gateways ?? 0],
];

/** Registers what is read at the moment of a scrape: readiness, upstreams, audit log, held bytes,
 * connections. */
export function registerGauges(registry: Registry, state: GatewayState): void {
  const registers = [registry];
  for (const [name, help, read] of readings) {
    new Gauge({
      name: `vectorgate_${name}`,
      help,
      registers,
      collect() {
        this.set(read(state));
      },
    });
  }
  if (state.workers) registerWorkers(registers, state);
  registerAuditTotals(registers, state);
  registerAlarms(registers, state);
  registerUpstreams(registers, state);
  new Gauge({
    name: 'vectorgate_build_info',
    help: 'The version that runs',
    labelNames: ['version'],
    registers,
  }).set({ version: state.version }, 1);
}

function registerAlarms(registers: Registry[], state: GatewayState): void {
  new Counter({
    name: 'vectorgate_failure_alarms_total',
    help: 'Sources and keys of which many failed authentications were told',
    registers,
    collect() {
      this.reset();
      this.inc(state.failures.alarms);
    },
  });
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
