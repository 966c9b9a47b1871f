import type { CredentialState, CredentialTest } from '../proxy/credentials.ts';
import { type Reply, type Route, reply, replyJson } from './port.ts';

/** What can be done with the credentials that the gateway presents to its databases. */
export type CredentialAction = 'status' | 'test' | 'switch' | 'rollback';

/** What an action came to at one upstream. */
export interface CredentialReport {
  readonly upstream: string;
  readonly ok: boolean;
  /** Why it did not come about. */
  readonly reason: string | null;
  /** Null: none is configured. */
  readonly state: CredentialState | null;
  /** Of the action `test`. */
  readonly tests: readonly CredentialTest[] | null;
}

/** Does something with the credentials of one upstream, or of all. Rejects with `RangeError` where
 * there is no such upstream. */
export type ActOnCredentials = (
  action: CredentialAction,
  upstream: string | null,
) => Promise<readonly CredentialReport[]>;

/** The routes by which operators look at credentials and change which is in force. */
export function credentialRoutes(act: ActOnCredentials): readonly Omit<Route, 'token'>[] {
  const path = '/credentials';
  const answer = (action: CredentialAction) => (query: URLSearchParams) => {
    return answered(act, action, query);
  };
  return [
    { method: 'GET', path, answer: answer('status') },
    ...(['test', 'switch', 'rollback'] as const).map((action) => ({
      method: 'POST' as const,
      path: `${path}/${action}`,
      answer: answer(action),
    })),
  ];
}

async function answered(
  act: ActOnCredentials,
  action: CredentialAction,
  query: URLSearchParams,
): Promise<Reply> {
  const names = query.getAll('upstream');
  if (names.length > 1 || [...query.keys()].some((key) => key !== 'upstream')) {
    return reply(400, 'Ask with ?upstream=NAME, or with nothing for all of them');
  }
  try {
    const reports = await act(action, names[0] ?? null);
    const ok = reports.every((report) => report.ok);
    return replyJson(ok ? 200 : 409, { ok, upstreams: reports });
  } catch (error) {
    if (error instanceof RangeError) return reply(404, error.message);
    throw error;
  }
}
