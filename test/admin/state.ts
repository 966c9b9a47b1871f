import type { GatewayState } from '../../src/admin/state.ts';

/** A gateway that is ready, with what a test wants otherwise. */
export function stateWith(changes: Partial<GatewayState> = {}): GatewayState {
  return {
    version: '1.2.3',
    startedAt: '2026-11-22T15:04:05.000Z',
    draining: false,
    upstreams: [
      {
        name: 'main',
        database: 'qdrant',
        reachable: { http: true, grpc: true },
        version: '1.18.3',
        knownVersion: '1.18.3',
        newerThanCatalogue: false,
        credential: null,
        taken: [],
        sweeps: [],
      },
    ],
    audit: {
      ready: true,
      segment: 'w1-7.jsonl',
      records: 4711,
      bytes: 1024,
      queue: 3,
      groupSize: 5,
      lastError: null,
      unrecorded: { read: 0, write: 0 },
      damaged: null,
      space: { level: 'enough', bytes: 4096, limit: 1_000_000 },
      checkpoints: { covered: 40, copied: 30, waiting: 1, lastError: null },
    },
    configuration: [
      {
        part: 'policies',
        upstream: 'main',
        version: 'sha256:00',
        loadedAt: '2026-11-22T15:04:05.000Z',
        failure: null,
      },
    ],
    openConnections: 12,
    held: { held: 4096, capacity: 1_000_000 },
    store: { state: 'up', unseenFor: 120, serving: true, gateways: 3, lastError: null },
    failures: { held: 2, alarms: 1 },
    workers: null,
    ...changes,
  };
}

/** Everything that keeps a gateway from being ready, one at a time. */
export const unready: readonly (readonly [string, Partial<GatewayState>])[] = [
  ['it drains', { draining: true }],
  ['the audit log takes no records', { audit: { ...stateWith().audit, ready: false } }],
  ['an upstream answers on no protocol', upstreams({ http: false, grpc: false })],
  ['an upstream answers on one protocol only', upstreams({ http: true, grpc: false })],
];

function upstreams(reachable: { http: boolean; grpc: boolean }): Partial<GatewayState> {
  const [main] = stateWith().upstreams;
  return { upstreams: main ? [main, { ...main, name: 'other', reachable }] : [] };
}
