import type { Identity } from '../identity/identity.ts';
import { jsonString } from './json-string.ts';
import type { Log } from './log.ts';
import { peerPart, principalPart } from './parts.ts';
import type { Audited } from './trail.ts';

/** Records that a credential was found good, or does not, as the sample falls. */
export type Authenticated = (upstream: string, exchange: Audited, identity: Identity) => void;

/**
 * Records a share of the credentials that count (`audit.authentication.success`, 0 to 1). Each
 * record has the share, so that whoever counts them can tell how many there were. `random` gives a
 * number from 0 up to 1.
 */
export function authenticationRecords(
  log: Pick<Log, 'defer'>,
  share: number,
  time: () => string,
  random: () => number = Math.random,
): Authenticated {
  if (share === 0) return () => undefined;
  return function authenticated(upstream, exchange, identity) {
    if (random() >= share) return;
    log.defer(
      `"time":"${time()}","kind":"authentication","event":"auth.success",` +
        `"request":${jsonString(exchange.id)},${principalPart(identity)},` +
        `${peerPart(exchange.peer)},"protocol":"${exchange.protocol}",` +
        `"upstream":${jsonString(upstream)},"sampled":${share}`,
    );
  };
}
