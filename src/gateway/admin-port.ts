import type { Logger } from 'pino';
import { sharedSteps, stepsSince } from '../admin/code-steps.ts';
import { credentialRoutes } from '../admin/credentials.ts';
import { type Gate, makeGate } from '../admin/gate.ts';
import { keyRoutes } from '../admin/key-routes.ts';
import { openApiRoute } from '../admin/openapi.ts';
import type { OpenPort, Secure } from '../admin/port.ts';
import type { AdminRoute } from '../admin/route.ts';
import { runRoutes } from '../admin/run-routes.ts';
import { openAdmin } from '../admin/server.ts';
import type { GatewayState } from '../admin/state.ts';
import { statusRoutes } from '../admin/status-routes.ts';
import type { AuditLog } from '../audit/audit.ts';
import { makeBearers } from '../identity/certificate.ts';
import type { Keyring } from '../identity/keys/keyring.ts';
import { keyOrderSchema } from '../identity/keys/order.ts';
import { makeTokenProof } from '../identity/token-proof.ts';
import { makeRequestId } from '../proxy/request-id.ts';
import type { Store } from '../store/store.ts';
import type { TlsMaterial } from '../tls/material.ts';
import { makeTlsServer, type TlsServer } from '../tls/server.ts';
import { keepTokenFile } from './admin-token-file.ts';
import { explainFor } from './answers.ts';
import { keyActions } from './key-actions.ts';
import type { KeySource } from './key-source.ts';
import type { KeyWatch } from './key-watch.ts';
import { type DropWitness, tellFailed } from './listeners.ts';
import type { LoadedKeys, Prepared } from './prepare.ts';
import type { Reloader } from './reload.ts';
import type { OwnedUpstream } from './upstream.ts';
import type { Whole } from './workers/whole.ts';

/** What the admin port shows and has done. */
export interface AdminParts extends DropWitness {
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly state: GatewayState;
  readonly keys: () => LoadedKeys;
  readonly keyring: Keyring;
  readonly source: KeySource;
  readonly store: Store | null;
  readonly keyWatch: KeyWatch;
  readonly upstreams: readonly OwnedUpstream[];
  readonly reloader: Reloader;
  readonly whole: Whole;
  readonly drain: () => void;
}

/** The port, and how its certificate is replaced. */
export interface AdminPort extends OpenPort {
  replace(material: TlsMaterial): void;
}

/** Opens the admin port. Rejects where it cannot bind, or where its token file cannot be read or
 * made. */
export async function openAdminPort(
  config: Parameters<typeof openAdmin>[0]['config'],
  prepared: Prepared,
  parts: AdminParts,
): Promise<AdminPort> {
  const { log, audit } = parts;
  const secured = securedBy(prepared.admin, parts);
  const port = await openAdmin({
    config,
    routes: routesOf(parts),
    gate: gateOf(prepared, secured?.standing ?? (() => 'no certificate counts here'), parts),
    secure: secured?.secure ?? null,
    audit: audit.admin,
    makeId: makeRequestId,
    now: Date.now,
    brokeGlass: ({ id, operation, source }) =>
      log.warn({ request: id, operation, source: source.address }, 'the shared token was used'),
    onFault: (error) => log.error({ err: error }, 'admin port'),
  });
  return { ...port, replace: (material) => secured?.replace(material) };
}

function routesOf(parts: AdminParts): readonly AdminRoute[] {
  const { state, keyring, keys, source, reloader, upstreams, whole } = parts;
  const actions = keyActions({
    store: source.store,
    keys,
    keyring,
    reload: async () => void (await whole.reload('keys')),
    owes: source.owes,
    watch: parts.keyWatch,
    upstreams: upstreams.map(({ upstream }) => upstream.name),
    now: Date.now,
  });
  const routes = [
    ...statusRoutes(state, Date.now, whole.others),
    ...keyRoutes(actions, keyOrderSchema),
    ...runRoutes({
      explain: explainFor(upstreams, keyring),
      parts: () => reloader.states,
      reload: whole.reload,
      drain: parts.drain,
    }),
    ...credentialRoutes(whole.credentials),
  ];
  return [...routes, openApiRoute(routes, state.version)];
}

type Standing = (client: Parameters<ReturnType<typeof makeBearers>>[0]) => string | null;

function gateOf(
  { config, issuers }: Prepared,
  standing: Standing,
  { log, store }: Pick<AdminParts, 'log' | 'store'>,
): Gate {
  const { administrators = [], token, tokenFile } = config.admin ?? {};
  const rules = administrators.flatMap(({ name, certificate }) =>
    certificate ? [{ match: certificate, principal: name, roles: [], labels: {} }] : [],
  );
  const bearerOf = makeBearers(rules);
  const shared = tokenFile === undefined ? () => token ?? null : keepTokenFile(tokenFile, log);
  const ofAdministrators = issuers.ofAdministrators;
  return makeGate({
    administrators,
    shared,
    bearer: (client) => {
      const found = standing(client) === null ? bearerOf(client) : null;
      return found === null || typeof found === 'string' ? null : found.id;
    },
    prove:
      ofAdministrators.length > 0
        ? makeTokenProof({ issuers: ofAdministrators, now: Date.now })
        : null,
    steps: store ? (name) => sharedSteps(store, name) : () => stepsSince(Date.now()),
    now: Date.now,
  });
}

interface Secured {
  readonly secure: Secure;
  readonly standing: Standing;
  replace(material: TlsMaterial): void;
}

/** TLS as the public ports speak it; null: plain HTTP on loopback. */
function securedBy(prepared: Prepared['admin'], witness: DropWitness): Secured | null {
  if (!prepared) return null;
  let { material } = prepared;
  let server: TlsServer | null = null;
  return {
    secure: (accept) => {
      server = makeTlsServer(material, {
        alpn: ['http/1.1'],
        accept,
        failed: (failure) => tellFailed(witness, null, failure),
      });
      return server.server;
    },
    standing: (client) => {
      const { clients } = material;
      return clients ? clients.standing.objection(client, Date.now()) : 'nothing judges it';
    },
    replace: (next) => {
      material = next;
      server?.replace(next);
    },
  };
}
