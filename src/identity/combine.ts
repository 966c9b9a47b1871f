import type { ClientCertificate } from '../tls/client-certificate.ts';
import type { Bearer } from './certificate.ts';
import { notValid } from './credential.ts';
import type { Authenticator, Claimant, Identity } from './identity.ts';

/** What a certificate and another credential on one request come to. */
export interface CombineMeans {
  readonly combine: 'refuse' | 'both' | 'transport';
  /** Tells by key or token. */
  readonly credential: Authenticator;
  readonly bearer: Bearer;
  /** Why a certificate counts no more at this time: expired, revoked, its authority removed. */
  readonly objection: (client: ClientCertificate, now: number) => string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Tells who sends a request by its certificate, its other credential, or both. A certificate that
 * counts no more is refused whatever else is shown, also where it only secures the transport.
 */
export function makeCombined(means: CombineMeans): Authenticator {
  const { combine, credential, bearer, objection, now } = means;
  const pairOf = makePairs();
  return function authenticate(claimant, before) {
    const { client } = claimant.peer;
    if (!client) return credential(claimant, before);
    const wrong = objection(client, now());
    if (wrong !== null) throw ofCertificate(wrong);
    if (combine === 'transport') return credential(claimant, before);
    if (!showsCredential(claimant)) return certified(bearer, client);
    if (combine === 'refuse') {
      throw notValid('rival credentials: a client certificate, and a key or token beside it');
    }
    const certificate = certified(bearer, client);
    const other = credential(claimant);
    if (other instanceof Promise) return other.then((identity) => pairOf(identity, certificate));
    return pairOf(other, certificate);
  };
}

function showsCredential(claimant: Claimant): boolean {
  return claimant.field('api-key') !== undefined || claimant.field('authorization') !== undefined;
}

function certified(bearer: Bearer, client: ClientCertificate): Identity {
  const found = bearer(client);
  if (typeof found === 'string') throw ofCertificate(found);
  return found;
}

function ofCertificate(reason: string) {
  return notValid(`client certificate: ${reason}`);
}

/** One frozen object for each pair, as long as both are in force, so that what is compiled for it
 * can be kept beside it. */
function makePairs(): (one: Identity, beside: Identity) => Identity {
  const pairs = new WeakMap<Identity, WeakMap<Identity, Identity>>();
  return (one, beside) => {
    const known = pairs.get(one) ?? new WeakMap<Identity, Identity>();
    pairs.set(one, known);
    const pair = known.get(beside) ?? Object.freeze({ ...one, beside });
    known.set(beside, pair);
    return pair;
  };
}
