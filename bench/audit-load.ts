import type { AuditLog } from '../src/audit/audit.ts';
import type { AuditConfig, Durability } from '../src/audit/config.ts';
import { auditSection } from '../src/audit/config.ts';
import type { Outcome } from '../src/audit/trail.ts';
import type { Intent, Operation } from '../src/catalog/operation.ts';
import type { Identity } from '../src/identity/identity.ts';
import { authorise, type Permit } from '../src/policy/permit.ts';
import type { Peer } from '../src/tls/peer.ts';

/** What a load came to: milliseconds from the intent to the outcome, sorted. */
export interface Loaded {
  readonly pairs: number;
  readonly seconds: number;
  /** CPU microseconds of the whole process for each pair. */
  readonly cpu: number;
  readonly latencies: readonly number[];
}

const peers = Array.from({ length: 20 }, (_, n): Peer => {
  const certificate = `sha256:${String(n).padStart(2, '0').repeat(32)}`;
  const end = { address: `10.0.0.${n}`, port: 51_000 + n };
  return { ...end, version: 'TLSv1.3', serverName: null, certificate, client: null };
});

const operations = ['query', 'scroll', 'get', 'count', 'search', 'upsert', 'delete', 'facet'];

const permits = peers.map((_, n): Permit => {
  const identity: Identity = {
    kind: 'key',
    id: `k7Q${n}`,
    name: `rag-service-${n}`,
    roles: ['search'],
    claims: {},
    labels: { app: 'rag', env: 'prod' },
    expires: null,
  };
  const name = operations[n % operations.length] ?? '';
  const changes = name === 'upsert' || name === 'delete';
  const event = changes ? `data.${name}` : 'data.query';
  const operation = { name: `points.${name}`, action: 'read', event, changes } as Operation;
  const collection = { named: 'products', resolved: 'products_v2' };
  const needs = [{ operation, action: operation.action, collection }];
  const grants = {
    decide: () => ({ effect: 'allow', rule: 'policies/search.yaml:3' }) as const,
    mayList: () => true,
    mayListDatabase: () => true,
  };
  const request = { method: 'POST', target: '/', fields: [], body: null };
  return authorise(identity, grants, { operation, needs, request } as unknown as Intent);
});

const policy = `sha256:${'ab'.repeat(32)}`;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The configuration of a log that is as durable for reads as for writes. */
export function configured(directory: string, durability: Durability): AuditConfig {
  return {
    ...auditSection.parse({ compress: false }),
    directory,
    durability: { read: durability, write: durability },
  };
}

/** Sends pairs of records through a log, or through the same motions without one, from so many
 * clients at once. */
export async function load(
  log: AuditLog | null,
  { pairs, clients }: { readonly pairs: number; readonly clients: number },
): Promise<Loaded> {
  const audit = log?.forUpstream('main', () => policy) ?? null;
  const latencies: number[] = [];
  let begun = 0;
  async function client(): Promise<void> {
    for (let n = begun++; n < pairs; n = begun++) {
      const peer = peers[n % peers.length];
      const permit = permits[n % permits.length];
      if (!peer || !permit) return;
      const id = `01JD${(n + 1e9).toString(36).padStart(20, '0').toUpperCase()}`;
      const from = performance.now();
      const beginning = audit?.begin({ id, protocol: 'grpc', peer }, permit);
      const trail = beginning instanceof Promise ? await beginning : beginning;
      await turn();
      await trail?.end(outcomeOf(n));
      latencies.push(performance.now() - from);
    }
  }
  const [cpu, at] = [process.cpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: clients }, client));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - at) / 1000;
  latencies.sort((a, b) => a - b);
  return { pairs, seconds, cpu: (user + system) / pairs, latencies };
}

function outcomeOf(n: number): Outcome {
  return {
    status: 0,
    durationMs: 1.9 + (n % 977) / 1000,
    points: { in: 0, out: 10 },
    bytes: { in: 3210 + (n % 89), out: 4096 + (n % 97) },
    attempts: 1,
  };
}
