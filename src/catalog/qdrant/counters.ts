import type { Counters, OwnRequest } from '../database.ts';

/** The request whose answer counts what the database was asked. */
export const countersRequest: OwnRequest = {
  protocol: 'http',
  method: 'GET',
  target: '/telemetry?details_level=2',
  body: null,
};

/**
 * Reads the counters of `GET /telemetry` (Qdrant, src/common/telemetry_ops/requests_telemetry.rs):
 * `requests.rest.responses` by route and status, `requests.grpc.responses` by method, and in later
 * versions by status. Throws `TypeError` where there are none.
 */
export function readCounters(answer: Buffer): Counters {
  const result = memberOf(JSON.parse(answer.toString('utf8')), 'result');
  const requests = memberOf(result, 'requests');
  const rest = memberOf(memberOf(requests, 'rest'), 'responses');
  const grpc = memberOf(memberOf(requests, 'grpc'), 'responses');
  if (!isMap(rest) && !isMap(grpc)) {
    throw new TypeError("the database's telemetry has no counters of requests");
  }
  const since = Date.parse(String(memberOf(memberOf(result, 'app'), 'startup')));
  return {
    since: Number.isNaN(since) ? null : since,
    routes: new Map([...counted(rest), ...counted(grpc)]),
  };
}

function counted(responses: unknown): [string, number][] {
  return Object.entries(isMap(responses) ? responses : {}).map(([route, statistics]) => {
    return [route, countIn(statistics)];
  });
}

/** The count of one duration statistic, or of all of a map of them. */
function countIn(statistics: unknown): number {
  if (!isMap(statistics)) return 0;
  const { count } = statistics;
  if (typeof count === 'number') return count;
  return Object.values(statistics).reduce<number>((sum, each) => {
    const one = memberOf(each, 'count');
    return sum + (typeof one === 'number' ? one : 0);
  }, 0);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function memberOf(value: unknown, key: string): unknown {
  return isMap(value) ? value[key] : undefined;
}
