import type { CredentialAction, CredentialReport } from '../admin/credentials.ts';
import type { AuditLog } from '../audit/audit.ts';
import type { Noticed } from '../audit/upkeep.ts';
import type { CredentialEvent, CredentialKeeper } from '../proxy/credentials.ts';
import type { OwnedUpstream } from './upstream.ts';

/** Who hears what becomes of the credentials of one upstream. */
export interface CredentialWitness {
  readonly audit: Pick<AuditLog, 'configured'>;
  readonly noticed: Noticed;
  readonly count: (event: CredentialEvent['event']) => void;
}

/** Tells the audit log, the log and the metrics what becomes of the credentials of an upstream. */
export function tellCredentials(
  upstream: string,
  { audit, noticed, count }: CredentialWitness,
): (event: CredentialEvent) => void {
  return ({ event, ...credential }) => {
    audit.configured({ event: `credential.${event}`, upstream, credential });
    noticed(`credential ${event}`, credential.reason !== null, { upstream, ...credential });
    count(event);
  };
}

/** What operators do with credentials: of one upstream or, by null, of each. */
export type CredentialActions = (
  action: CredentialAction,
  upstream: string | null,
) => Promise<readonly CredentialReport[]>;

/** What operators do with credentials, of one upstream or, by null, of each after the other. Throws
 * `RangeError` where there is no such upstream. */
export function credentialActions(upstreams: readonly OwnedUpstream[]): CredentialActions {
  return async (action, name) => {
    const meant = upstreams.filter(({ upstream }) => name === null || upstream.name === name);
    if (meant.length === 0) throw new RangeError(`there is no upstream ${name}`);
    const reports: CredentialReport[] = [];
    for (const { upstream, credentials } of meant) {
      reports.push(await reportOf(upstream.name, credentials, action));
    }
    return reports;
  };
}

async function reportOf(
  upstream: string,
  credentials: CredentialKeeper | null,
  action: CredentialAction,
): Promise<CredentialReport> {
  if (credentials === null) {
    const reason = action === 'status' ? null : 'no credential is configured';
    return { upstream, ok: reason === null, reason, state: null, tests: null };
  }
  try {
    const tests = action === 'test' ? await credentials.test() : null;
    if (action === 'switch') await credentials.switch();
    if (action === 'rollback') await credentials.rollback();
    const ok = tests?.every(({ accepted }) => accepted) ?? true;
    return { upstream, ok, reason: null, state: credentials.state, tests };
  } catch (error) {
    const reason = (error as Error).message;
    return { upstream, ok: false, reason, state: credentials.state, tests: null };
  }
}
