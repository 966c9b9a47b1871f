import type { Config } from '../config/config.ts';
import { makeBearers } from '../identity/certificate.ts';
import { type CombineMeans, makeCombined } from '../identity/combine.ts';
import type { Authenticator } from '../identity/identity.ts';
import type { Keyring, QuickHash } from '../identity/keys/keyring.ts';
import { isWithin, sourcesOf } from '../identity/keys/sources.ts';
import { type FailureAlarm, type Failures, makeFailures } from '../limits/failures.ts';
import type { Others } from '../limits/others.ts';
import type { ClientTrust } from '../tls/client-trust.ts';
import type { Prepared } from './prepare.ts';

/** What puts client certificates beside every other kind of credential. */
export function certification(
  { certificates, combine }: Prepared['config']['identity'],
  clients: () => ClientTrust | null,
): (credential: Authenticator) => Authenticator {
  const bearer = makeBearers(certificates);
  const objection: CombineMeans['objection'] = (client, now) => {
    const standing = clients()?.standing;
    return standing ? standing.objection(client, now) : 'certificates are judged by nothing';
  };
  return (credential) => {
    return makeCombined({ combine, credential, bearer, objection, now: Date.now });
  };
}

/** What failures are counted with. */
export interface FailureParts {
  readonly config: Config;
  readonly keyring: Keyring;
  readonly hash: QuickHash;
  readonly alarm: (alarm: FailureAlarm) => void;
  /** The other processes of this gateway; null: there are none. */
  readonly others: Others | null;
}

/** What becomes of credentials that do not count, at every upstream together. */
export function failuresOf({ config, keyring, ...means }: FailureParts): Failures {
  const isKey = (id: string) => keyring.byId(id) !== undefined;
  const now = () => performance.now();
  const trusted = sourcesOf(config.audit.trustParent);
  const carriesMany = (address: string) => trusted !== null && isWithin(trusted, address);
  return makeFailures({ config: config.limits.failures, isKey, now, carriesMany, ...means });
}
