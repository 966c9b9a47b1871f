import type { Problem } from '../problem.ts';
import type { AdminConfig } from './config.ts';
import { type ActOnCredentials, credentialRoutes } from './credentials.ts';
import { readiness } from './health.ts';
import { type OpenPort, openPort, type Reply, type Route, reply, replyJson } from './port.ts';
import { type GatewayState, isReady } from './state.ts';
import { tokenOf } from './token.ts';

/** What `/policy/explain` asks: which rule decides what one key may do. */
export interface Question {
  /** Null: the only upstream. */
  readonly upstream: string | null;
  /** The id of the key. */
  readonly key: string;
  /** `points.query` */
  readonly operation: string;
  /** Null: a database-wide operation. */
  readonly collection: string | null;
  /** The database inside that holds it; null: the default one, or there is none. */
  readonly database: string | null;
}

/** What the admin port can have done. Each may throw or reject with a sentence for people. */
export interface AdminActions {
  /** The answer of `policy explain`. Throws `RangeError` where the question names what is not
   * there. */
  explain(question: Question): unknown;
  /** Every key, without anything that proves it. */
  keys(): unknown;
  /** Loads everything anew. Gives what stood against it; nothing where all of it is in force. */
  reload(): Promise<readonly Problem[]>;
  /** Begins to drain; the answer does not wait for the end. */
  drain(): void;
  readonly credentials: ActOnCredentials;
  onFault(error: unknown): void;
}

/** Opens the admin port. Rejects where it cannot bind. */
export function openAdmin(
  config: AdminConfig,
  state: GatewayState,
  actions: AdminActions,
): Promise<OpenPort> {
  const token = tokenOf(config.token);
  const get = (path: string, answer: Route['answer']): Route => {
    return { method: 'GET', path, token, answer };
  };
  const post = (path: string, answer: Route['answer']): Route => {
    return { method: 'POST', path, token, answer };
  };
  const routes = [
    { ...get('/healthz', () => reply(200, 'alive')), token: null },
    { ...get('/readyz', () => readiness(state)), token: null },
    get('/status', () => replyJson(200, statusOf(state))),
    get('/audit', () => replyJson(200, state.audit)),
    get('/keys', () => replyJson(200, actions.keys())),
    get('/policy/explain', (query) => explained(query, actions)),
    post('/reload', () => reloaded(actions)),
    post('/drain', () => drained(actions)),
    ...credentialRoutes(actions.credentials).map((route) => ({ ...route, token })),
  ];
  return openPort({ listen: config.listen, routes, token, onFault: actions.onFault });
}

function statusOf(state: GatewayState) {
  const { version, startedAt, draining, configuration, upstreams, audit } = state;
  const { openConnections, held, failures } = state;
  return {
    ready: isReady(state),
    draining,
    version,
    startedAt,
    configuration,
    upstreams,
    audit,
    openConnections,
    held: { bytes: held.held, capacity: held.capacity },
    failures: { held: failures.held, alarms: failures.alarms },
  };
}

function explained(query: URLSearchParams, actions: AdminActions): Reply {
  const known = ['upstream', 'key', 'operation', 'collection', 'database'];
  const stray = [...query.keys()].find((name, at, all) => {
    return !known.includes(name) || all.indexOf(name) !== at;
  });
  const key = query.get('key');
  const operation = query.get('operation');
  if (stray !== undefined || !key || !operation) {
    return reply(
      400,
      `Ask with ?key=ID&operation=NAME, and &collection=, &database= and &upstream=, once each`,
    );
  }
  const question = {
    upstream: query.get('upstream'),
    key,
    operation,
    collection: query.get('collection'),
    database: query.get('database'),
  };
  try {
    return replyJson(200, actions.explain(question));
  } catch (error) {
    if (error instanceof RangeError) return reply(404, error.message);
    throw error;
  }
}

async function reloaded(actions: AdminActions): Promise<Reply> {
  const problems = await actions.reload();
  return replyJson(problems.length === 0 ? 200 : 422, { ok: problems.length === 0, problems });
}

function drained(actions: AdminActions): Reply {
  actions.drain();
  return replyJson(202, { ok: true });
}
