import type { Logger } from 'pino';
import { createMetrics, type Metrics } from '../admin/metrics.ts';
import type { GatewayState } from '../admin/state.ts';
import { type AuditLog, openAudit } from '../audit/audit.ts';
import { makeAuthenticator } from '../identity/authenticator.ts';
import type { Authenticator } from '../identity/identity.ts';
import { type Keyring, makeKeyring, makeQuickHash } from '../identity/keys/keyring.ts';
import { isWithin, sourcesOf } from '../identity/keys/sources.ts';
import { keepConditions } from '../identity/token-condition.ts';
import { makeTokenGate } from '../identity/token-gate.ts';
import type { Failures } from '../limits/failures.ts';
import { makeHeldBytes } from '../limits/held.ts';
import type { HeldBytes } from '../limits/lease.ts';
import { type Problem, problemLine } from '../problem.ts';
import { makeGrpcForwarder } from '../proxy/grpc/forward.ts';
import { makeHttpForwarder } from '../proxy/http/forward.ts';
import { reach } from '../proxy/reach.ts';
import type { Passed } from '../proxy/upstream.ts';
import type { Store } from '../store/store.ts';
import type { ClientTrust } from '../tls/client-trust.ts';
import { watchFiles } from '../tls/reload.ts';
import type { AdminPort } from './admin-port.ts';
import { certification, failuresOf } from './authentication.ts';
import { credentialActions, tellCredentials } from './credential-actions.ts';
import type { Issuers } from './issuers.ts';
import { type KeySource, keySource } from './key-source.ts';
import { type KeyWatch, watchKeys } from './key-watch.ts';
import { type Listeners, openListeners } from './listeners.ts';
import { openShared } from './open-store.ts';
import { at, type OperatorPorts, openOperatorPorts } from './operator-ports.ts';
import { reloadableParts } from './parts.ts';
import type { LoadedKeys, Prepared, PreparedUpstream } from './prepare.ts';
import { makeReloader, type Reloader } from './reload.ts';
import { type KeptSecrets, keepSecrets } from './secrets.ts';
import { heldBy, type Shares, shareOf } from './share.ts';
import { stateOf } from './state.ts';
import { alarmTo, noticesTo, tellOf } from './tell.ts';
import { sweepsTo } from './tell-sweeps.ts';
import { makeUpstream, type OwnedUpstream } from './upstream.ts';
import type { Siblings } from './workers/line.ts';
import { tellStanding, wholeOf } from './workers/whole.ts';

/** Where the gateway listens, `host:port` as really bound; null: no such port. */
export interface Bound {
  readonly upstreams: Listeners['bound'];
  readonly admin: string | null;
  readonly health: string | null;
}

/** A gateway that serves. */
export interface Gateway {
  readonly bound: Bound;
  readonly state: GatewayState;
  /** Reads certificates, keys and policies anew; gives what stood against it. */
  reload(): readonly Problem[];
  /** Takes no new connection, lets what is under way end, at most `deadline` milliseconds, and
   * closes the log. */
  stop(deadline: number): Promise<void>;
}

/** What a gateway takes from its surroundings. */
export interface GatewayOptions {
  readonly log: Logger;
  readonly version: string;
  /** Called when somebody asks over the admin port that the gateway stops. */
  readonly drain: () => void;
  /** The other processes that serve with this one; left out where it serves alone. */
  readonly siblings?: Siblings | null;
}

/** What is built before any port is bound. */
interface Built {
  readonly audit: AuditLog;
  readonly keyring: Keyring;
  readonly held: HeldBytes;
  readonly failures: Failures;
  readonly upstreams: readonly OwnedUpstream[];
  readonly metrics: Metrics;
  readonly state: GatewayState;
  readonly secrets: KeptSecrets;
  readonly source: KeySource;
  readonly store: Store | null;
  keys: LoadedKeys;
  clients: ClientTrust | null;
  /** Set as soon as it is there. */
  listeners: Listeners | null;
  reloader: Reloader | null;
  keyWatch: KeyWatch | null;
  adminPort: AdminPort | null;
  operatorPorts: OperatorPorts | null;
  draining: boolean;
  /** Called when the store's keys have been read anew. */
  keysChanged: () => void;
}

/**
 * Builds a gateway from what was prepared, asks its databases, then binds its ports. Rejects with
 * an `Error` for people, and leaves nothing open, where the audit log cannot be opened or a port
 * cannot be bound. A database that does not answer yet is no reason: the gateway is not ready until
 * it does.
 */
export async function startGateway(prepared: Prepared, options: GatewayOptions): Promise<Gateway> {
  const built = await build(prepared, options);
  const { siblings = null } = options;
  try {
    await siblings?.join();
    await Promise.all(built.upstreams.map((owned) => owned.start()));
    const told = { log: options.log, audit: built.audit, dropped: built.metrics.dropped };
    const ports = upstreamPorts(prepared, built, siblings);
    // Before the ports, so that what a request is judged by is in the log before its records.
    const { reloader, parts } = recorded(prepared, built, options);
    const listeners = await openListeners(ports, prepared.material, told);
    built.listeners = listeners;
    const watches = parts.map((part) => watchFiles(part.paths, () => reloader.reload(part)));
    await prepared.issuers.start(reloader.reload);
    built.secrets.start(reloader.reload);
    const open = operatorPorts(prepared, built, reloader, options);
    const { admin, health } = siblings?.leads === false ? nowhere : await open();
    const bound = { upstreams: listeners.bound, admin, health };
    siblings?.serving(bound);
    siblings?.onLead(() => open().catch((error) => options.log.error({ err: error }, 'ports')));
    const quiet = tellStanding(built.state, siblings);
    return {
      bound,
      state: built.state,
      reload: reloader.reloadAll,
      stop: async (deadline) => {
        built.draining = true;
        quiet();
        for (const watch of watches) watch.close();
        await close(prepared, built, () => listeners.drain(deadline));
      },
    };
  } catch (error) {
    await close(prepared, built, async () => built.listeners?.close());
    throw error;
  }
}

async function build(prepared: Prepared, options: GatewayOptions): Promise<Built> {
  const { log, version, siblings = null } = options;
  const { config } = prepared;
  const trusted = sourcesOf(config.audit.trustParent);
  const trusts = (address: string) => trusted !== null && isWithin(trusted, address);
  const own = siblings ? { writer: siblings.id } : {};
  const audit = await openAudit(config.audit, {
    ...{ version, noticed: noticesTo(log), trusts },
    ...own,
  });
  if (siblings?.died) audit.succeeded(siblings.died);
  let store: Store | null = null;
  let built: Built | null = null;
  try {
    store = await openShared(prepared, log, audit);
    const shares = { store, siblings };
    const source = await keySource(config.identity.keys.path, shares, () => built?.keysChanged());
    built = await assemble(prepared, options, { audit, store, source });
    return built;
  } catch (error) {
    await store?.close();
    await audit.close();
    throw error;
  }
}

async function assemble(
  prepared: Prepared,
  { log, version, siblings = null }: GatewayOptions,
  { audit, store, source }: Pick<Built, 'audit' | 'store' | 'source'>,
): Promise<Built> {
  const { config, material, issuers } = prepared;
  const keys = source.load();
  const hash = await makeQuickHash();
  const keyring = makeKeyring(keys.entries, hash);
  const held = makeHeldBytes(heldBy(siblings));
  const failures = failuresOf({
    ...{ config, keyring, hash, alarm: alarmTo(log, audit) },
    others: siblings?.neighbours ?? null,
  });
  const upstreams: OwnedUpstream[] = [];
  const state = stateOf({
    ...{ version, upstreams, audit, held, failures, store },
    workers: () => siblings && { ...siblings.crew, id: siblings.id },
    configuration: () => built.reloader?.states ?? [],
    openConnections: () => built.listeners?.connections ?? 0,
    draining: () => built.draining,
  });
  const metrics = createMetrics(state);
  const certified = certification(config.identity, () => built.clients);
  const means = { audit, store, keyring, held, failures };
  const shared = { ...means, metrics, log, certified, issuers, siblings };
  for (const upstream of prepared.upstreams) upstreams.push(upstreamOf(upstream, shared));
  const built: Built = {
    ...{ ...means, source, upstreams, metrics, state, keys },
    keysChanged: () => undefined,
    secrets: keepSecrets({ ...prepared, upstreams, audit }),
    ...{ clients: material.clients, listeners: null, reloader: null },
    ...{ keyWatch: null, adminPort: null, operatorPorts: null, draining: false },
  };
  return built;
}

type Shared = Pick<Built, 'audit' | 'keyring' | 'held' | 'failures' | 'metrics'> &
  Shares & {
    readonly log: Logger;
    readonly certified: (credential: Authenticator) => Authenticator;
    readonly issuers: Issuers;
  };

function upstreamOf(
  { config, database, policy, ca }: PreparedUpstream,
  shared: Shared,
): OwnedUpstream {
  const { audit, keyring, held, failures, metrics, log, certified, issuers } = shared;
  const { name } = config;
  return makeUpstream({
    name,
    database,
    credential: config.credential ?? null,
    policy,
    authenticate: (ask) => {
      const holds = keepConditions({ ask, now: Date.now });
      const tokens = makeTokenGate({ issuers: issuers.at(name), holds, now: Date.now });
      const { readAuthorization } = database;
      const means = { keys: keyring, tokens, readAuthorization, upstream: name, now: Date.now };
      return certified(makeAuthenticator(means));
    },
    held,
    failures,
    ...shareOf(shared, name),
    audit: (policyDigest) => audit.forUpstream(name, policyDigest),
    forwarders: {
      http: makeHttpForwarder(reach(config.http ?? config.grpc, ca)),
      grpc: makeGrpcForwarder(reach(config.grpc, ca)),
    },
    passed: passedAt(name, shared),
    noticed: noticesTo(log),
    swept: sweepsTo(name, shared),
    credentialTold: tellCredentials(name, {
      audit,
      noticed: noticesTo(log),
      count: (event) => metrics.credential(name, event),
    }),
  });
}

/** Counts, tells and samples what passed at one upstream. */
function passedAt(upstream: string, { audit, metrics, log }: Shared): (passed: Passed) => void {
  const count = metrics.forUpstream(upstream);
  const tell = tellOf(log, upstream);
  return (passed) => {
    count(passed);
    tell(passed);
    if (passed.identity) audit.authenticated(upstream, passed.exchange, passed.identity);
  };
}

/** Where another process serves already, this one serves the same ports. */
function upstreamPorts(prepared: Prepared, built: Built, siblings: Siblings | null) {
  return built.upstreams.map((owned, index) => {
    const listen = prepared.upstreams[index]?.config.listen;
    if (!listen) throw new TypeError('an upstream without its configuration');
    const bound = siblings?.bound?.upstreams[index];
    const http = listen.http && at(listen.http, bound?.http);
    return {
      owned,
      reusePort: siblings !== null,
      listen: { http, grpc: at(listen.grpc, bound?.grpc) },
    };
  });
}

/** Records what is in force, and gives what reloads it. */
function recorded(prepared: Prepared, built: Built, { log }: GatewayOptions) {
  const parts = reloadableParts(prepared, built);
  const reloader = makeReloader(parts, {
    audit: built.audit,
    reloaded: ({ part, upstream }, problems) => {
      built.metrics.reloaded(part, problems.length === 0);
      const about = { part, upstream, problems: problems.map(problemLine) };
      if (problems.length === 0) log.info({ part, upstream }, 'reloaded');
      else log.error(about, 'reload refused; what was in force stays');
    },
  });
  built.reloader = reloader;
  built.keysChanged = () => {
    // An emptied store is taken for the right one by an operator alone.
    if (built.store?.status.state === 'up') reloader.reloadPart('store');
    reloader.reloadPart('keys');
  };
  // What came while nothing could be reloaded yet.
  if (built.source.kind === 'store') built.keysChanged();
  return { reloader, parts };
}

/** Looks at the keys each second until it is closed. */
function startKeyWatch(built: Built, { log }: Pick<GatewayOptions, 'log'>): KeyWatch {
  const watch = watchKeys({
    source: built.source,
    keys: () => built.keys,
    keyring: built.keyring,
    audit: built.audit,
    unwritable: (error) => log.warn({ err: error }, 'last use of keys is not kept'),
    now: Date.now,
  });
  const timer = setInterval(watch.tick, 1000).unref();
  return {
    ...watch,
    close: () => {
      clearInterval(timer);
      return watch.close();
    },
  };
}

const nowhere = { admin: null, health: null };

/** Watches over the keys; gives what opens the ports for operators. */
function operatorPorts(
  prepared: Prepared,
  built: Built,
  reloader: Reloader,
  { log, drain, siblings = null }: GatewayOptions,
): () => Promise<OperatorPorts> {
  const keyWatch = startKeyWatch(built, { log });
  built.keyWatch = keyWatch;
  const credentials = credentialActions(built.upstreams);
  const whole = wholeOf({ ...built, reloader, credentials }, siblings);
  const { dropped } = built.metrics;
  const shown = { ...built, keys: () => built.keys, ...{ keyWatch, reloader, whole, dropped } };
  return async () => {
    const parts = { ...shown, log, drain: siblings ? siblings.drain : drain };
    const ports = await openOperatorPorts(prepared, parts, siblings?.bound ?? null);
    built.operatorPorts = ports;
    built.adminPort = ports.adminPort;
    return ports;
  };
}

async function close(
  { issuers }: Prepared,
  built: Built,
  closeListeners: () => Promise<void>,
): Promise<void> {
  await issuers.close();
  await built.secrets.close();
  await closeListeners();
  await built.operatorPorts?.close();
  await built.keyWatch?.close();
  await Promise.all(built.upstreams.map((owned) => owned.close()));
  await built.store?.close();
  await built.audit.close();
}
