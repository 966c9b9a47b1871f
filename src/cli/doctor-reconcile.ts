import type { Counters, Database, OwnRequest } from '../catalog/database.ts';
import type { PreparedUpstream } from '../gateway/prepare.ts';
import { attemptsIn } from './attempts.ts';
import { askInTurn } from './doctor-credential.ts';
import type { Finding } from './finding.ts';
import { askPlainly } from './plain-ask.ts';

/**
 * Compares what a database counted since its start with the attempts that audit logs tell of. The
 * database is asked first, so that a request in between is no finding. What the gateway asks by
 * itself is left out. `secrets`: what to show the database, in turn.
 */
export async function reconcile(
  upstream: PreparedUpstream,
  directories: readonly string[],
  secrets: readonly string[],
): Promise<readonly Finding[]> {
  const { name } = upstream.config;
  const counters = await countersOf(upstream, secrets);
  if (!('routes' in counters)) return [counters];
  const { attempts, from } = attemptsIn(directories, name, counters.since);
  const own = ownOperations(upstream.database);
  const late = counters.since !== null && (from === null || Date.parse(from) > counters.since);
  return [...byOperation(upstream.database, counters)].flatMap(([operation, count]) => {
    const known = attempts.get(operation) ?? 0;
    if (count <= known || own.has(operation)) return [];
    return [missing({ name, operation, count, known, since: counters.since, late })];
  });
}

interface Missing {
  readonly name: string;
  readonly operation: string;
  readonly count: number;
  readonly known: number;
  readonly since: number | null;
  /** The log begins after the database. */
  readonly late: boolean;
}

const find = 'Find who reaches the database past the gateway, and replace its credential';

function missing({ name, operation, count, known, since, late }: Missing): Finding {
  const span = since === null ? '' : ` since ${new Date(since).toISOString()}`;
  return {
    id: 'reconcile.missing',
    severity: 'high',
    message:
      `${name} counted ${count} × ${operation}${span}, the log has ${known}: ` +
      `${count - known} did not pass here${late ? ', or came before the log began' : ''}`,
    remedy: late ? `${find}; a restart of the database begins its counters anew` : find,
  };
}

async function countersOf(
  { config, database, ca }: PreparedUpstream,
  secrets: readonly string[],
): Promise<Counters | Finding> {
  const { countersRequest: request, readCounters } = database;
  const unknown = (message: string): Finding => {
    const remedy = 'Compare by hand, or let the credential of the gateway read telemetry';
    return { id: 'reconcile.unknown', severity: 'medium', message, remedy };
  };
  if (!request || !readCounters) return unknown(`${config.name} does not count its requests`);
  const ask = (secret: string | undefined) => {
    const fields = secret === undefined ? [] : database.credential(secret, 'http');
    return askPlainly(config.http ?? config.grpc, request.target, { fields, ca });
  };
  try {
    const { status, body } = await askInTurn(secrets, ask, (answer) => answer.status === 200);
    if (status !== 200) return unknown(`${config.name} answers ${request.target} with ${status}`);
    return readCounters(body);
  } catch (error) {
    return unknown(`${config.name} does not tell its counters: ${(error as Error).message}`);
  }
}

/** What the catalogue does not know goes by its route. */
function byOperation({ operations }: Database, { routes }: Counters): Map<string, number> {
  const names = new Map<string, string>();
  for (const { name, http, grpc } of operations) {
    for (const route of [...http, ...grpc]) names.set(unnamed(route), name);
  }
  const counts = new Map<string, number>();
  for (const [route, count] of routes) {
    const name = names.get(unnamed(route)) ?? route;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

/** A route without what its parameters are called. */
function unnamed(route: string): string {
  return route.replace(/\{[^}]*\}/g, '{}');
}

/** What the gateway asks by itself, and what it answers without the database. */
function ownOperations(database: Database): ReadonlySet<string> {
  const { nameRequests, versionRequest, probeRequest, countersRequest, valueRequest } = database;
  const asked: readonly (OwnRequest | undefined)[] = [
    ...nameRequests,
    ...[versionRequest, probeRequest, countersRequest, valueRequest?.('name', [])],
  ];
  const open = database.operations.filter(({ action }) => action === 'public');
  return new Set([
    ...open.map(({ name }) => name),
    ...asked.flatMap((request) => (request ? [nameOf(database, request)] : [])),
  ]);
}

function nameOf(database: Database, { protocol, method, target }: OwnRequest): string {
  const type = protocol === 'grpc' ? 'application/grpc' : 'application/json';
  const field = (name: string) => (name === 'content-type' ? type : undefined);
  return database.locate({ protocol, method, target, field }).operation.name;
}
