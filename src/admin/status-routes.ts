import { z } from 'zod';
import type { Caller } from './administrator.ts';
import { withAllTaken } from './all-taken.ts';
import { readiness } from './health.ts';
import { reply, replyJson } from './port.ts';
import { type AdminRoute, adminRoute } from './route.ts';
import { type GatewayState, isReady, isReadyAlone } from './state.ts';

const text = (description: string) => ({ description, schema: null });

/** What whoami tells an administrator of themselves. */
const whoamiSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['token', 'certificate', 'oidc', 'break-glass']),
  subject: z.string().nullable(),
  roles: z.array(z.string()),
  provenAt: z.iso.datetime().nullable(),
  now: z.iso.datetime(),
});

/** Where the admin port tells how the gateway does. `now` gives milliseconds since 1970, `others`
 * the status of each other process that serves with this one. */
export function statusRoutes(
  state: GatewayState,
  now: () => number,
  others: () => Promise<readonly unknown[]>,
): readonly AdminRoute[] {
  const seen = { method: 'GET', role: 'viewer' } as const;
  const either = z.looseObject({ ready: z.boolean() });
  return [
    ...openRoutes(state),
    adminRoute({
      ...{ ...seen, name: 'whoami', path: '/whoami', summary: 'Who the caller is' },
      answers: { 200: { description: 'The administrator', schema: whoamiSchema } },
      run: ({ caller }) => replyJson(200, whoami(caller, now())),
    }),
    adminRoute({
      ...{
        ...seen,
        name: 'status',
        path: '/status',
        summary: 'How every part of the gateway does',
      },
      answers: { 200: { description: 'The status', schema: either } },
      run: async () => replyJson(200, await wholeStatus(state, others)),
    }),
    adminRoute({
      ...{ ...seen, name: 'audit', path: '/audit', summary: 'How the audit log does' },
      answers: { 200: { description: 'Its state', schema: either } },
      run: () => replyJson(200, state.audit),
    }),
  ];
}

function openRoutes(state: GatewayState): readonly AdminRoute[] {
  const open = { method: 'GET', role: null } as const;
  return [
    adminRoute({
      ...{ ...open, name: 'healthz', path: '/healthz', summary: 'Whether the process answers' },
      answers: { 200: text('It does') },
      run: () => reply(200, 'alive'),
    }),
    adminRoute({
      ...{ ...open, name: 'readyz', path: '/readyz', summary: 'Whether requests can be served' },
      answers: { 200: text('They can'), 503: text('They cannot') },
      run: () => readiness(state),
    }),
  ];
}

function whoami(caller: Caller | null, now: number): z.output<typeof whoamiSchema> {
  if (!caller) throw new TypeError('nobody asks who they are');
  const { name, kind, subject, roles } = caller.administrator;
  const provenAt = caller.provenAt === null ? null : new Date(caller.provenAt).toISOString();
  const at = new Date(now).toISOString();
  return { name, kind, subject, roles: [...roles], provenAt, now: at };
}

async function wholeStatus(state: GatewayState, others: () => Promise<readonly unknown[]>) {
  const status = { ...statusOf(state), ready: isReady(state) };
  if (!state.workers) return status;
  const { id: worker, ...workers } = state.workers;
  const told = await others();
  const upstreams = withAllTaken(state.upstreams, told);
  return { ...status, upstreams, worker, workers: { ...workers, others: told } };
}

/** How one process does. */
export function statusOf(state: GatewayState) {
  const { version, startedAt, draining, configuration, upstreams, audit } = state;
  const { openConnections, held, failures, store, workers } = state;
  return {
    ...(workers ? { worker: workers.id } : {}),
    ready: isReadyAlone(state),
    draining,
    version,
    startedAt,
    configuration,
    upstreams,
    audit,
    openConnections,
    held: { bytes: held.held, capacity: held.capacity },
    failures: { held: failures.held, alarms: failures.alarms },
    store,
  };
}
