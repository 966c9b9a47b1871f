import type { AdminAudit } from '../audit/admin-audit.ts';
import type { AdminDenial, AuditedCall } from '../audit/admin-record.ts';
import { Refusal } from '../refusal.ts';
import { type Caller, hasRole } from './administrator.ts';
import type { AdminConfig } from './config.ts';
import type { Gate } from './gate.ts';
import { type Asked, type OpenPort, openPort, type Reply, type Secure } from './port.ts';
import { problem, problemReply } from './problem-reply.ts';
import { readBody, readQuery, refuseBrowsers } from './read-call.ts';
import { type AdminRoute, type Place, placesOf } from './route.ts';
import { requireFresh } from './step-up.ts';

/** What the admin port is opened with. */
export interface AdminMeans {
  readonly config: Pick<AdminConfig, 'listen' | 'stepUpMinutes'>;
  readonly routes: readonly AdminRoute[];
  readonly gate: Gate;
  readonly secure: Secure | null;
  readonly audit: AdminAudit;
  /** Makes our own id of a request. */
  readonly makeId: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of each use of the shared token: which call, from where. */
  readonly brokeGlass: (call: AuditedCall) => void;
  readonly onFault: (error: unknown) => void;
}

/** Opens the admin port. Rejects where it cannot bind. */
export function openAdmin(means: AdminMeans): Promise<OpenPort> {
  const { config, secure, makeId, onFault } = means;
  const placeAt = placesOf(means.routes);
  return openPort({
    listen: config.listen,
    secure,
    answer: (asked) => answer(means, placeAt(asked.path), asked),
    tooLarge: () => problem(413, 'too-large', 'The body is too large', makeId()),
    onFault: (error) => {
      onFault(error);
      return problem(500, 'gateway-fault', 'Internal error', makeId());
    },
  });
}

/** Open routes aside: who, what, whether they may, whether it is fresh; recorded, then done. */
async function answer(means: AdminMeans, place: Place | null, asked: Asked): Promise<Reply> {
  const id = means.makeId();
  const route = place?.routes.find(({ method }) => method === asked.method) ?? null;
  const target = place?.target ?? '';
  let call = auditedCall(id, route, asked);
  let caller: Caller | null = null;
  try {
    refuseBrowsers(asked);
    if (place?.routes[0]?.role !== null) caller = await means.gate(asked);
    if (caller && route && target !== '') call = await withTarget(call, route, target);
    if (caller?.administrator.kind === 'break-glass') means.brokeGlass(call);
    if (!place) throw new Refusal('unknown-operation', 'no such path', { told: 'Not found' });
    if (!route) throw notAllowed(place);
    if (caller) permit(route, caller);
    const query = readQuery(route, asked);
    const body = readBody(route, asked);
    if (caller && route.fresh) {
      await requireFresh(caller, asked, means.config.stepUpMinutes, means.now());
    }
    return await carryOut(means, route, call, { caller, id, target, query, body }, asked);
  } catch (error) {
    return refused(means, call, caller, error);
  }
}

function permit({ role }: AdminRoute, { administrator }: Caller): void {
  if (role === null || hasRole(administrator, role)) return;
  const reason = `${administrator.name} is no ${role}`;
  throw new Refusal('not-permitted', reason, { told: `This asks for the role ${role}` });
}

async function carryOut(
  means: AdminMeans,
  route: AdminRoute,
  call: AuditedCall,
  read: Parameters<AdminRoute['run']>[0],
  asked: Asked,
): Promise<Reply> {
  const { caller, id } = read;
  const startedAt = performance.now();
  const end = caller ? await means.audit.begin(call, caller.administrator) : null;
  const made = await done(means, route, read);
  const durationMs = performance.now() - startedAt;
  const bytes = { in: asked.body.length, out: Buffer.byteLength(made.body) };
  end?.({ status: made.status, durationMs, bytes });
  return { ...made, fields: { ...made.fields, 'x-request-id': id } };
}

/** Whatever becomes of a call that is recorded, it has its end in the log. */
async function done(
  { onFault }: AdminMeans,
  route: AdminRoute,
  read: Parameters<AdminRoute['run']>[0],
): Promise<Reply> {
  try {
    return await route.run(read);
  } catch (error) {
    const told = problemReply(error, read.id);
    if (told) return told;
    onFault(error);
    return problem(500, 'gateway-fault', 'Internal error', read.id);
  }
}

function refused(
  { audit, onFault }: AdminMeans,
  call: AuditedCall,
  caller: Caller | null,
  error: unknown,
): Reply {
  const told = problemReply(error, call.id);
  if (!told || !(error instanceof Refusal)) {
    onFault(error);
    return problem(500, 'gateway-fault', 'Internal error', call.id);
  }
  const denial: AdminDenial = { code: error.code, reason: error.message };
  audit.deny(call, caller?.administrator ?? null, denial);
  return told;
}

function notAllowed({ routes }: Place): Refusal {
  const allow = routes.map(({ method }) => method).join(', ');
  const told = `Method not allowed; use ${allow}`;
  return new Refusal('unknown-operation', 'no such method', { told, http: 405 });
}

function auditedCall(id: string, route: AdminRoute | null, { source, peer }: Asked): AuditedCall {
  return {
    ...{ id, source, peer, target: null },
    operation: route === null ? null : `admin.${route.name}`,
    changes: route?.changes ?? false,
  };
}

async function withTarget(
  call: AuditedCall,
  route: AdminRoute,
  target: string,
): Promise<AuditedCall> {
  return { ...call, target: (await route.knows(target)) ? target : 'not-found' };
}
