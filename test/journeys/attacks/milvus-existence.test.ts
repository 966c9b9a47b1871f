import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../../src/catalog/milvus/operations.ts';
import type { RestPlan } from '../../../src/catalog/milvus/row.ts';
import { encode, requestOf } from '../../catalog/milvus/descriptions.ts';
import { frame } from './call-cases.ts';
import {
  openWorld,
  type Principal,
  principals,
  secretId,
  type Told,
  type World,
} from './milvus-worlds.ts';

let worlds: readonly World[];

beforeAll(async () => {
  worlds = await Promise.all([openWorld(true), openWorld(false)]);
});
afterAll(async () => {
  for (const world of worlds ?? []) await world.close();
});

/** What nobody is refused. */
const forAll =
  /^(session\.|telemetry\.heartbeat|cluster\.(health|version)|databases\.(list|describe)|text\.phrase)/;

/** A request but for its credential. */
interface Request {
  readonly fields: readonly string[];
  readonly body: Buffer | null;
}

/** Asks both worlds, and holds their answers to be the same. */
async function sameFor(who: Principal, fields: readonly string[], body: Buffer | null) {
  const [there, absent] = await Promise.all(worlds.map((each) => each.tell(who, fields, body)));
  expect(absent).toEqual(there);
  return there as Told;
}

/** What may stand in a place that names something: what is its caller's, and what is not. */
const foreign = ['sec', 'sec_alias'];
const isDatabase = (name: string) => /^(target_)?(db_?name|database)$|^newDbName$/i.test(name);
const isTarget = (name: string) =>
  /^(new_?(collection_?)?name|target_?collection_?name)$/i.test(name);
const isName = (name: string) =>
  isTarget(name) || /^(collection_?names?|oldName|alias(_?name)?)$/i.test(name);

function ownFor(name: string): string {
  if (isDatabase(name)) return 'default';
  return isTarget(name) ? 'ghost' : /^alias/.test(name) ? 'pub_alias' : 'pub';
}

/** Every request that names what is not its caller's in one place of these, and in all. */
function contentsOf(places: readonly string[]): Readonly<Record<string, string>>[] {
  const own = Object.fromEntries(places.map((place) => [place, ownFor(place)]));
  const named = places.filter(isName);
  const all = foreign.map((name) => Object.fromEntries(named.map((place) => [place, name])));
  const one = named.flatMap((place) => foreign.map((name) => ({ [place]: name })));
  const databases = places.filter(isDatabase).map((place) => ({ [place]: 'acme' }));
  return [...all, ...one, ...databases].map((each) => ({ ...own, ...each }));
}

function messagesTo(path: string): Buffer[] {
  const { fieldsArray } = requestOf(path);
  const strings = fieldsArray.filter(({ type }) => type === 'string');
  const repeated = new Set(strings.filter(({ repeated }) => repeated).map(({ name }) => name));
  const places = strings.map(({ name }) => name).filter((name) => isName(name) || isDatabase(name));
  const contents: Readonly<Record<string, unknown>>[] = contentsOf(places).map((content) =>
    Object.fromEntries(
      Object.entries(content).map(([key, value]) => [key, repeated.has(key) ? [value] : value]),
    ),
  );
  if (fieldsArray.some(({ name, repeated }) => name === 'collectionID' && !repeated)) {
    contents.push({ collectionID: secretId });
  }
  const none = Buffer.from([0x0f]);
  // Without its kind of expression no search is read.
  const usual = fieldsArray.some(({ name }) => name === 'dsl_type') ? { dsl_type: 1 } : {};
  return [...contents.map((content) => encode(path, { ...usual, ...content })), none];
}

function pseudo(method: string, path: string): string[] {
  return [':method', method, ':path', path, ':scheme', 'https', ':authority', 'localhost'];
}

function requestsOn({ method, path, query, shape, version }: RestPlan): Request[] {
  const get = method === 'GET';
  const keys = get ? query : [...(shape?.known ?? [])];
  const contents = contentsOf(keys.filter((key) => isName(key) || isDatabase(key)));
  return [{}, ...contents].flatMap((content) => {
    const asked = get ? `?${new URLSearchParams(content)}` : '';
    const body = get ? null : Buffer.from(JSON.stringify(content));
    const fields = pseudo(method, path + asked);
    const elsewhere = { fields: [...fields, 'db-name', 'acme'], body };
    return version === 2 ? [{ fields, body }, elsewhere] : [{ fields, body }];
  });
}

const calls = operations.flatMap(({ name, rpc }) => (rpc ? [{ name, path: rpc.path }] : []));
const routes = operations.flatMap(({ name, rest }) => rest.map((plan) => ({ name, plan })));
/** Asks all these as everybody. Whoever may do nothing is refused one of them at least. */
async function sweep(name: string, requests: readonly Request[]) {
  let refused = 0;
  for (const { fields, body } of requests) {
    for (const who of principals) {
      const { refusal } = await sameFor(who, fields, body);
      if (who === 'nothing' && refusal !== null) refused++;
    }
  }
  if (!forAll.test(name)) expect(refused).toBeGreaterThan(0);
}

describe('whether a collection or a database of others is there is not told', () => {
  it.each(calls)('over gRPC: $name', async ({ name, path }) => {
    const fields = [...pseudo('POST', path), 'content-type', 'application/grpc', 'te', 'trailers'];
    const requests = messagesTo(path).flatMap((message) => {
      const body = frame(message);
      return [
        { fields, body },
        { fields: [...fields, 'dbname', 'acme'], body },
      ];
    });
    await sweep(name, requests);
  });

  it.each(routes)('over REST: $plan.method $plan.path', async ({ name, plan }) => {
    await sweep(name, requestsOn(plan));
  });
});
