import type { Audit } from '../audit/trail.ts';
import type { Database } from '../catalog/database.ts';
import type {
  DatabaseFacts,
  Intent,
  Names,
  Need,
  Operation,
  Protocol,
} from '../catalog/operation.ts';
import type { Authenticator, Identity } from '../identity/identity.ts';
import type { Failures } from '../limits/failures.ts';
import type { HeldBytes } from '../limits/lease.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { Grants } from '../policy/decision.ts';
import type { Permit } from '../policy/permit.ts';
import type { Exchange } from './exchange.ts';
import type { Forwarder } from './forwarder.ts';

/** The name table of one database, and the changes to it that are under way. */
export interface NameKeeper extends Names {
  /** Null where nothing under way concerns these names; else settles when they can be judged. */
  settled(names: readonly string[]): Promise<void> | null;
  /** Says that a request is about to change what these names mean. It may be sent once `ready`: no
   * request under way reaches the database by one of them as a name that means nothing yet. The
   * table is read again before the change counts as settled. */
  changing(names: readonly string[]): NameChange;
  /** Counts a request that reaches the database by these names, until the answer is called. */
  using(names: readonly string[]): () => void;
}

/** A change of what names mean, under way. */
export interface NameChange {
  /** Null where nothing stands in the way. Rejects with `Refusal` overloaded where that takes
   * long. */
  readonly ready: Promise<void> | null;
  done(): void;
}

/** How one exchange went, for metrics and the log. */
export interface Passed {
  readonly exchange: Exchange;
  readonly operation: Operation | null;
  readonly identity: Identity | null;
  /** `local`: answered by the gateway itself. */
  readonly decision: 'allow' | 'deny' | 'local';
  /** HTTP status, or gRPC code. */
  readonly status: number | null;
  readonly refusal: Error | null;
  /** Milliseconds from the first byte sent upstream to the end of the answer; 0 where not sent. */
  readonly upstreamMs: number;
  /** What the answer carried; left out where nothing was forwarded. */
  readonly taken?: Taken;
}

/** What an answer of the database carried, under which of the caller's roles that policies know. */
export interface Taken {
  readonly points: number;
  readonly bytes: number;
  readonly roles: readonly string[];
}

/** The judge: the same functions for the pipeline, for `policy explain` and for `policy test`. */
export interface Judge {
  /** Judges what the head of a request tells. Throws `Refusal` not-permitted. */
  screen(grants: Grants, needs: readonly Need[]): void;
  /** Judges the whole intent. Throws `Refusal` not-permitted, or the intent's own objection. */
  authorise(identity: Identity, grants: Grants, intent: Intent): Permit;
}

/** Everything that belongs to one database behind the gateway. The listener hands it to the
 * pipeline; nothing per database is global. */
export interface Upstream {
  readonly name: string;
  readonly database: Database;
  readonly facts: DatabaseFacts;
  readonly names: NameKeeper;
  readonly authenticate: Authenticator;
  readonly judge: Judge;
  /** The policies in force, compiled for this identity. */
  grantsFor(identity: Identity): Grants;
  readonly held: HeldBytes;
  readonly failures: Failures;
  readonly limiter: Limiter;
  /** Throws `Refusal` store-unavailable where operations that change, or do not, are refused
   * now. */
  admit(changes: boolean): void;
  readonly audit: Audit;
  /** Header fields the gateway adds upstream: its credential. */
  readonly credential: (protocol: Protocol) => readonly string[];
  readonly forwarders: Readonly<Record<Protocol, Forwarder>>;
  /** Called once for each exchange, when it has ended. */
  passed(passed: Passed): void;
}
