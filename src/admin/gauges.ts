import { Counter, Gauge, type Registry } from 'prom-client';
import { type AuditState, type GatewayState, isReady } from './state.ts';

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
  const audit = (key: 'queued' | 'group') => () => state.audit[key];
  gauge('audit_ready', 'Whether the audit log is written', () => Number(state.audit.ready));
  gauge('audit_queued_records', 'Audit records that wait to be written', audit('queued'));
  gauge('audit_group_records', 'Audit records that the last write took together', audit('group'));
  registerAuditTotals(registers, state);
  registerUpstreams(registers, state);
  new Gauge({
    name: 'vectorgate_build_info',
    help: 'The version that runs',
    labelNames: ['version'],
    registers,
  }).set({ version: state.version }, 1);
}

function registerAuditTotals(registers: Registry[], state: GatewayState): void {
  const total = (name: string, help: string, key: keyof AuditState & ('records' | 'bytes')) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(state.audit[key]);
      },
    });
  total('vectorgate_audit_records_total', 'Audit records written', 'records');
  total('vectorgate_audit_bytes_total', 'Bytes of audit records written', 'bytes');
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
