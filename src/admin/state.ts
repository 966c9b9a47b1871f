import type { Protocol } from '../catalog/operation.ts';
import type { Failures } from '../limits/failures.ts';
import type { HeldBytes } from '../limits/lease.ts';
import type { SweepAlarms } from '../limits/sweep-alarms.ts';
import type { Takings } from '../limits/takings.ts';
import type { Problem } from '../problem.ts';
import type { CredentialState } from '../proxy/credentials.ts';
import type { StoreStatus } from '../store/store.ts';

/** How one upstream is doing. */
export interface UpstreamState {
  readonly name: string;
  readonly database: string;
  /** For each protocol it is configured with, whether the database answered when last asked. */
  readonly reachable: Readonly<Partial<Record<Protocol, boolean>>>;
  /** What the database said of itself last; null before it said anything. */
  readonly version: string | null;
  /** The newest version that the catalogue is proved complete against. */
  readonly knownVersion: string;
  readonly newerThanCatalogue: boolean;
  /** Null: the database is shown none. */
  readonly credential: CredentialState | null;
  /** What its answers carried to whom: this hour, and the last. */
  readonly taken: Takings['hours'];
  /** The last sweeps through its collections that were told, the latest first. */
  readonly sweeps: SweepAlarms['latest'];
}

/** How the audit log is doing. */
export interface AuditState {
  /** Whether records can be taken. */
  readonly ready: boolean;
  /** The segment that is written now; null while there is none. */
  readonly segment: string | null;
  /** Records of this writer in all. */
  readonly records: number;
  /** Bytes in the present segment. */
  readonly bytes: number;
  /** Records that wait for the disk. */
  readonly queue: number;
  /** Records that the last sync settled together. */
  readonly groupSize: number;
  readonly lastError: string | null;
  /** Operations forwarded without a record: only where `unavailable: forward`. */
  readonly unrecorded: { readonly read: number; readonly write: number };
  /** Where records of earlier runs were found damaged; null: nowhere. */
  readonly damaged: string | null;
  /** How full the room of the log is, in bytes on the disk. */
  readonly space: {
    readonly level: 'enough' | 'warning' | 'alarm' | 'full';
    readonly bytes: number;
    readonly limit: number;
  };
  /** How far the log is signed, and its checkpoints copied to a second place; null: not at all. */
  readonly checkpoints: {
    /** Records that the last checkpoint covers, and the last that was copied. */
    readonly covered: number;
    readonly copied: number;
    /** Checkpoints that are still to be copied. */
    readonly waiting: number;
    readonly lastError: string | null;
  } | null;
}

/** What may be loaded anew while the gateway runs. */
export type Part =
  | 'certificates'
  | 'admin-certificates'
  | 'keys'
  | 'secrets'
  | 'issuers'
  | 'policies'
  | 'limits'
  | 'store';

/** One part of the configuration: the version in force, and what became of the last reload. */
export interface PartState {
  readonly part: Part;
  /** Null where the part belongs to all upstreams. */
  readonly upstream: string | null;
  /** Whose keys they are, of the part `issuers`. */
  readonly issuer?: string;
  /** `sha256:…` over what was read. */
  readonly version: string;
  /** ISO 8601. */
  readonly loadedAt: string;
  /** Null where the last reload went well: the version in force is the one on disk. */
  readonly failure: { readonly at: string; readonly problems: readonly Problem[] } | null;
}

/** The processes that serve together on one machine. */
export interface WorkersState {
  /** Which of them tells this. */
  readonly id: string;
  /** How many there should be. */
  readonly count: number;
  /** Those that are there, and whether they can serve requests. */
  readonly workers: readonly {
    readonly id: string;
    readonly pid: number;
    readonly ready: boolean;
  }[];
  /** How often one was started in another's place. */
  readonly restarts: number;
}

/** What the admin and health ports and the metrics tell of: read when somebody asks. */
export interface GatewayState {
  /** The gateway's own version. */
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly draining: boolean;
  readonly upstreams: readonly UpstreamState[];
  readonly audit: AuditState;
  readonly configuration: readonly PartState[];
  readonly openConnections: number;
  readonly held: Pick<HeldBytes, 'held' | 'capacity'>;
  /** The store that gateways share; null: none is configured. */
  readonly store: StoreStatus | null;
  readonly failures: Pick<Failures, 'held' | 'alarms'>;
  /** Null: this process serves alone. */
  readonly workers: WorkersState | null;
}

/** Whether requests can be served now, by this process or by another of its gateway. */
export function isReady(state: GatewayState): boolean {
  if (isReadyAlone(state)) return true;
  const { id: own, workers = [] } = state.workers ?? {};
  return workers.some(({ id, ready }) => id !== own && ready);
}

/** Whether this process can serve requests now: every upstream answers, the audit log is written,
 * what is known of the store is not stale, and the gateway is not on its way out. */
export function isReadyAlone(state: GatewayState): boolean {
  if (state.draining || !state.audit.ready || state.store?.serving === false) return false;
  return state.upstreams.every(({ reachable }) => !Object.values(reachable).includes(false));
}
