import type { Peer } from '../tls/peer.ts';

/** Who is calling, and how we know. One frozen object per credential and reload, so that what is
 * compiled for it can be kept beside it. */
export interface Identity {
  readonly kind: 'key' | 'token' | 'certificate';
  /** The public id of the credential, never a secret. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** What a token says of its bearer, for `{claims.NAME}` in policies; empty for keys. */
  readonly claims: Readonly<Record<string, string | readonly string[]>>;
  readonly labels: Readonly<Record<string, string>>;
  /** When the credential ends, in milliseconds since 1970; null: never. */
  readonly expires: number | null;
  /** A second identity on the same request (`combine: both`): what is granted must be granted to it
   * too. */
  readonly beside?: Identity;
}

/** What a request offers as proof of who sends it. `field` gives the one value of a header, throws
 * `Refusal` unreadable-request where the header is repeated. */
export interface Claimant {
  field(name: string): string | undefined;
  readonly peer: Pick<Peer, 'address' | 'certificate' | 'client'>;
}

/**
 * Tells who sends a request, without a promise where the answer is at hand. `before`: who it was
 * found to come from a while ago; as long as what proved that is in force, only what time changes
 * is looked at again. Throws `Refusal` not-authenticated.
 */
export type Authenticator = (
  claimant: Claimant,
  before?: Identity | null,
) => Identity | Promise<Identity>;
