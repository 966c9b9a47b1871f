import { z } from 'zod';
import type { CredentialState, CredentialTest } from '../proxy/credentials.ts';
import { Objection } from './objection.ts';
import { type Reply, replyJson } from './port.ts';
import { type AdminRoute, adminRoute } from './route.ts';

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

const question = z.strictObject({
  upstream: z.string().min(1, 'name an upstream, or leave it out').optional(),
});
const reports = z.strictObject({ ok: z.boolean(), upstreams: z.array(z.looseObject({})) });
const words = {
  test: 'Show each configured credential to its database',
  switch: 'Present the other credential, once the database has taken it',
  rollback: 'Present the credential of before again, once the database has taken it',
} as const;

/** Where operators look at the gateway's own credentials and change which is in force. */
export function credentialRoutes(act: ActOnCredentials): readonly AdminRoute[] {
  const path = '/credentials';
  const common = {
    query: question,
    answers: {
      200: { description: 'What it came to at each upstream', schema: reports },
      409: { description: 'It did not come about at every upstream', schema: reports },
    },
  };
  return [
    adminRoute({
      ...{ ...common, name: 'credentials.status', method: 'GET', role: 'viewer', path },
      summary: 'Which credential each database is shown',
      run: ({ query }) => answered(act, 'status', query.upstream ?? null),
    }),
    ...(['test', 'switch', 'rollback'] as const).map((action) =>
      adminRoute({
        ...{ ...common, name: `credentials.${action}`, method: 'POST', role: 'operator' },
        ...{ path: `${path}/${action}`, summary: words[action] },
        run: ({ query }) => answered(act, action, query.upstream ?? null),
      }),
    ),
  ];
}

async function answered(
  act: ActOnCredentials,
  action: CredentialAction,
  upstream: string | null,
): Promise<Reply> {
  try {
    const done = await act(action, upstream);
    const ok = done.every((report) => report.ok);
    return replyJson(ok ? 200 : 409, { ok, upstreams: done });
  } catch (error) {
    if (error instanceof RangeError) throw new Objection(404, error.message);
    throw error;
  }
}
