import type { Compact } from './compact.ts';
import type { Identity } from './identity.ts';

/** A point in a collection by which a token stands or falls: one that has all of these values. */
export interface ValueCondition {
  readonly collection: string;
  readonly matches: readonly ValueMatch[];
  /** The same for two conditions that ask the same. */
  readonly text: string;
}

/** A value that a payload must have at a path. */
export interface ValueMatch {
  readonly key: string;
  readonly value: string | number | boolean;
}

/** A token whose signature and claims were found good: what is left to ask at each use. */
export interface VerifiedToken {
  readonly identity: Identity;
  /** From when and until when it counts, in milliseconds since 1970, the clock skew included. */
  readonly from: number;
  readonly until: number;
  /** The certificate that the connection must show, `sha256:…` (RFC 8705); null: any or none. */
  readonly certificate: string | null;
  readonly condition: ValueCondition | null;
  /** Whether the key that signed it is still one of the issuer's. */
  readonly trusted: () => boolean;
}

/** Somebody whose tokens count. */
export interface TokenIssuer {
  /** The name that its tokens' identities carry. */
  readonly name: string;
  /** Whether a token says that it comes from here; proves nothing. */
  issues(token: Compact): boolean;
  /** Rejects with `Refusal` not-authenticated where the token is not good, whatever the time is. */
  verify(token: Compact): Promise<VerifiedToken>;
}
