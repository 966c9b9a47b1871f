import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';
import { makeAdminToken } from '../../src/admin/admin-token.ts';
import { stepsSince } from '../../src/admin/code-steps.ts';
import type { AdminConfig } from '../../src/admin/config.ts';
import { credentialRoutes } from '../../src/admin/credentials.ts';
import { type GateMeans, makeGate } from '../../src/admin/gate.ts';
import type { KeyActions } from '../../src/admin/key-routes.ts';
import { keyRoutes } from '../../src/admin/key-routes.ts';
import { openApiRoute } from '../../src/admin/openapi.ts';
import type { AdminRoute } from '../../src/admin/route.ts';
import { type RunActions, runRoutes } from '../../src/admin/run-routes.ts';
import { openAdmin } from '../../src/admin/server.ts';
import type { GatewayState } from '../../src/admin/state.ts';
import { statusRoutes } from '../../src/admin/status-routes.ts';
import { tokenOf } from '../../src/admin/token.ts';
import type { AdminAudit } from '../../src/audit/admin-audit.ts';
import { keyOrderSchema } from '../../src/identity/keys/order.ts';
import { stateWith } from './state.ts';

export const sharedToken = 'admin-token-0123456789';
export const totp = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** Three administrators by token, each with one role. */
export const tokens = {
  viewer: makeAdminToken(),
  'key-manager': makeAdminToken(),
  operator: makeAdminToken(),
};

export const hashOf = (token: string) => `sha256:${tokenOf(token).digest.toString('hex')}`;

export const administrators: AdminConfig['administrators'] = [
  { name: 'vera', roles: ['viewer'], token: hashOf(tokens.viewer) },
  { name: 'kim', roles: ['key-manager'], token: hashOf(tokens['key-manager']), totp },
  { name: 'olga', roles: ['operator'], token: hashOf(tokens.operator) },
];

const row = { id: 'k7Q2', name: 'rag', roles: ['search'], createdAt: null, expiresAt: null };
const listed = { ...row, upstream: null, labels: {}, lastUsedAt: null, ageDays: null };

export function keyActions() {
  return {
    knows: vi.fn<KeyActions['knows']>((id) => id === row.id),
    list: vi.fn<KeyActions['list']>(async () => [{ ...listed, revokedAt: null }]),
    create: vi.fn<KeyActions['create']>(async () => ({ ...row, key: 'vg_made' })),
    rotate: vi.fn<KeyActions['rotate']>(async () => ({ ...row, key: 'vg_made' })),
    take: vi.fn<KeyActions['take']>(async () => row),
    revoke: vi.fn<KeyActions['revoke']>(async () => ({
      ...listed,
      revokedAt: null,
      everywhere: true,
    })),
  };
}

export function runActions() {
  return {
    explain: vi.fn<RunActions['explain']>(() => ({ effect: 'deny', rule: null, needs: [] })),
    parts: vi.fn<RunActions['parts']>(() => stateWith().configuration),
    reload: vi.fn<RunActions['reload']>(async () => []),
    drain: vi.fn<RunActions['drain']>(),
  };
}

export interface SceneOptions {
  readonly state?: GatewayState;
  readonly gate?: Partial<GateMeans>;
  readonly audit?: Partial<AdminAudit>;
  readonly now?: () => number;
}

export const everyRoute = (
  keys: KeyActions = keyActions(),
  run: RunActions = runActions(),
  state: GatewayState = stateWith(),
): readonly AdminRoute[] => {
  const routes = [
    ...statusRoutes(state, Date.now, async () => []),
    ...keyRoutes(keys, keyOrderSchema),
    ...runRoutes(run),
    ...credentialRoutes(async () => []),
  ];
  return [...routes, openApiRoute(routes, '1.2.3')];
};

/** An admin port on loopback, with everything behind it watched. */
export async function openScene(options: SceneOptions = {}) {
  const keys = keyActions();
  const run = runActions();
  const ended = vi.fn();
  const begin = vi.fn<AdminAudit['begin']>(options.audit?.begin ?? (() => ended));
  const deny = vi.fn<AdminAudit['deny']>();
  const brokeGlass = vi.fn();
  const onFault = vi.fn();
  const now = options.now ?? Date.now;
  const means: GateMeans = {
    administrators,
    shared: () => sharedToken,
    bearer: () => null,
    prove: null,
    steps: () => stepsSince(0),
    now,
    ...options.gate,
  };
  let count = 0;
  const port = await openAdmin({
    config: { listen: { host: '127.0.0.1', port: 0 }, stepUpMinutes: 5 },
    routes: everyRoute(keys, run, options.state),
    gate: makeGate(means),
    secure: null,
    audit: { begin, deny },
    makeId: () => `request-${++count}`,
    now,
    brokeGlass,
    onFault,
  });
  onTestFinished(() => port.close());
  const { port: number } = port.address;
  const ask = (path: string, init: RequestInit = {}, token: string = sharedToken) =>
    fetch(`http://127.0.0.1:${number}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    });
  const raw = (bytes: string) => {
    const socket = connect(number, '127.0.0.1');
    socket.end(bytes);
    return text(socket);
  };
  return { ask, raw, keys, run, begin, deny, ended, brokeGlass, onFault, port: number };
}

export const post = (body?: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
});
