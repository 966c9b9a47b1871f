import type { Need, Operation, Protocol } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Permit } from '../policy/permit.ts';
import type { Refusal } from '../refusal.ts';
import type { Peer } from '../tls/peer.ts';

/** What the audit record needs to know of one exchange. */
export interface Audited {
  /** Our own id of the request. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly peer: Peer;
  /** The caller's own id of the request, as it says; null or left out: it says none. */
  readonly parent?: string | null;
  /** The W3C trace that the request belongs to. */
  readonly traceparent?: string | null;
}

/** How a forwarded operation ended. */
export interface Outcome {
  /** The HTTP status, on gRPC the gRPC code; null where the answer broke off. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly points: { readonly in: number; readonly out: number };
  readonly bytes: { readonly in: number; readonly out: number };
  /** Upstream tries in all. */
  readonly attempts: number;
  /** Why there is no whole answer: a refusal code, or `client-gone`. */
  readonly failure?: string;
}

/** The audit record of one forwarded exchange, begun before and ended after. */
export interface Trail {
  /** Records a further upstream try, before it is made. */
  attempt(number: number): void | Promise<void>;
  /** Ends the record, once. Rejects or throws `Refusal` audit-unavailable. */
  end(outcome: Outcome): void | Promise<void>;
}

/** What is denied, as far as the request was understood. */
export interface Denied {
  readonly exchange: Audited;
  readonly refusal: Refusal;
  readonly identity: Identity | null;
  readonly operation: Operation | null;
  readonly needs: readonly Need[];
}

/** The audit log as one upstream's pipeline sees it. Answers without a promise where the
 * configured durability allows. */
export interface Audit {
  /** Writes the intent. Throws or rejects with `Refusal` audit-unavailable. */
  begin(exchange: Audited, permit: Permit): Trail | Promise<Trail>;
  /** Writes a denial, or counts it where identity is unknown. Never makes a refusal of its own. */
  deny(denied: Denied): void | Promise<void>;
}
