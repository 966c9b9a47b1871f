/** Whose fault a refusal is: the caller's, the database's, or the gateway's own. */
export type Fault = 'caller' | 'database' | 'gateway';

/** One way to say no: both spellings of its status, and the sentence the client hears. */
export interface RefusalRow {
  readonly http: number;
  readonly grpc: number;
  readonly fault: Fault;
  readonly sentence: string;
}

/** Every way to say no. docs/refusals.md has one line for each row. */
export const refusals = {
  'not-authenticated': {
    http: 401,
    grpc: 16,
    fault: 'caller',
    sentence: 'A valid credential is required',
  },
  'not-permitted': { http: 403, grpc: 7, fault: 'caller', sentence: 'Forbidden' },
  'over-limit': { http: 429, grpc: 8, fault: 'caller', sentence: 'Too many requests' },
  'unknown-operation': { http: 404, grpc: 12, fault: 'caller', sentence: 'Unknown operation' },
  'unreadable-request': {
    http: 400,
    grpc: 3,
    fault: 'caller',
    sentence: 'The request cannot be read in one way only',
  },
  'too-large': { http: 413, grpc: 8, fault: 'caller', sentence: 'The request is too large' },
  'audit-unavailable': {
    http: 503,
    grpc: 14,
    fault: 'gateway',
    sentence: 'The audit log cannot be written',
  },
  'store-unavailable': {
    http: 503,
    grpc: 14,
    fault: 'gateway',
    sentence: 'The shared store cannot be reached',
  },
  'upstream-unreachable': {
    http: 502,
    grpc: 14,
    fault: 'database',
    sentence: 'The database cannot be reached',
  },
  'upstream-timeout': {
    http: 504,
    grpc: 4,
    fault: 'database',
    sentence: 'The database did not answer in time',
  },
  overloaded: { http: 503, grpc: 8, fault: 'gateway', sentence: 'The gateway is overloaded' },
  'gateway-fault': { http: 500, grpc: 13, fault: 'gateway', sentence: 'Internal error' },
} as const satisfies Record<string, RefusalRow>;

/** The name of a refusal, as the client, the log, the metrics and the audit record know it. */
export type RefusalCode = keyof typeof refusals;

/** A credential that was shown and does not count. */
export interface Failing {
  /** The public id of the key that it calls itself, with another secret; null: it names none. */
  readonly key: string | null;
}

/** What a caller may know of one of its limits. */
export interface LimitState {
  /** `search.requests` */
  readonly name: string;
  readonly measure: 'requests' | 'concurrent' | 'points' | 'bytes' | 'sweep';
  readonly units: number;
  /** Seconds in which so many units come; null: they are given back. */
  readonly window: number | null;
  /** Whole units, and the seconds until there are enough. */
  readonly left: number;
  readonly reset: number;
}

/** What may differ from the refusal's row. */
export interface RefusalOptions {
  /** An HTTP status other than the row's (415 for a content encoding, 421 for a host). */
  readonly http?: number;
  /** A gRPC status other than the row's (12 for a message encoding). */
  readonly grpc?: number;
  /** The sentence that the database itself would say; it must not give our reasons away. */
  readonly told?: string;
  /** Seconds after which the caller may try again. */
  readonly retryAfter?: number;
  /** What is left of every limit that counts for the request. */
  readonly limits?: readonly LimitState[];
  /** The rule of the policies that denies: `policies/search.yaml:3`; null: none allows. */
  readonly rule?: string | null;
  /** What `WWW-Authenticate` says over HTTP (RFC 6750, section 3). */
  readonly challenge?: string;
  /** The credential that was shown and does not count. */
  readonly failing?: Failing;
  /** The attack that the request looks like, in one word for the log and the metrics:
   * `sourceid`. */
  readonly alert?: string;
  readonly cause?: unknown;
}

/**
 * The only way to say no. `message` is the reason: for the log and the audit record, never for the
 * client, who hears `told`.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly http: number;
  readonly grpc: number;
  readonly told: string;
  readonly retryAfter: number | undefined;
  readonly limits: readonly LimitState[];
  readonly rule: string | null;
  readonly challenge: string | undefined;
  readonly failing: Failing | null;
  readonly alert: string | undefined;

  constructor(code: RefusalCode, reason: string, options: RefusalOptions = {}) {
    // A stack costs more than all else of a refusal, and only a fault of ours is looked up by it.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = code === 'gateway-fault' ? limit : 0;
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = limit;
    const row = refusals[code];
    this.code = code;
    this.http = options.http ?? row.http;
    this.grpc = options.grpc ?? row.grpc;
    this.told = options.told ?? row.sentence;
    this.retryAfter = options.retryAfter;
    this.limits = options.limits ?? [];
    this.rule = options.rule ?? null;
    this.challenge = options.challenge;
    this.failing = options.failing ?? null;
    this.alert = options.alert;
  }
}
