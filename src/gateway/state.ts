import type { GatewayState, PartState, UpstreamState, WorkersState } from '../admin/state.ts';
import type { AuditLog } from '../audit/audit.ts';
import type { Failures } from '../limits/failures.ts';
import type { HeldBytes } from '../limits/lease.ts';
import type { Store } from '../store/store.ts';
import { isNewer } from './database-watch.ts';
import type { OwnedUpstream } from './upstream.ts';

/** What the state of a running gateway is read from. */
export interface StateSources {
  readonly version: string;
  readonly upstreams: readonly OwnedUpstream[];
  readonly audit: AuditLog;
  readonly held: HeldBytes;
  readonly failures: Failures;
  readonly store: Store | null;
  readonly workers: () => WorkersState | null;
  readonly configuration: () => readonly PartState[];
  readonly openConnections: () => number;
  readonly draining: () => boolean;
}

/** The state that the admin and health ports and the metrics tell of: read when somebody asks. */
export function stateOf(sources: StateSources): GatewayState {
  const startedAt = new Date().toISOString();
  return {
    version: sources.version,
    startedAt,
    get draining() {
      return sources.draining();
    },
    get upstreams() {
      return sources.upstreams.map(upstreamState);
    },
    get audit() {
      return sources.audit.status;
    },
    get configuration() {
      return sources.configuration();
    },
    get openConnections() {
      return sources.openConnections();
    },
    held: sources.held,
    failures: sources.failures,
    get store() {
      return sources.store?.status ?? null;
    },
    get workers() {
      return sources.workers();
    },
  };
}

function upstreamState(owned: OwnedUpstream): UpstreamState {
  const { upstream, reachable, credentials, takings, sweeps } = owned;
  const { name, database, facts } = upstream;
  return {
    name,
    database: database.name,
    reachable,
    version: facts.version,
    knownVersion: database.knownVersion,
    newerThanCatalogue: facts.version !== null && isNewer(facts.version, database.knownVersion),
    credential: credentials?.state ?? null,
    get taken() {
      return takings.hours;
    },
    get sweeps() {
      return sweeps.latest;
    },
  };
}
