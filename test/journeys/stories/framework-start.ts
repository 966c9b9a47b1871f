import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Client, clientKinds, startClient, Thrown } from '../../support/clients.ts';
import {
  naming,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
  type RawRequest,
} from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import type { OpenDatabase, TestDatabase } from '../../support/gateway-database.ts';

const own = 'start-app';
/** Of one length, so that nothing but the name may tell them apart. */
const hidden = { collection: 'start-hid-1', alias: 'start-hid-2', missing: 'start-hid-3' };

const search = { vector: [0.1, 0.2, 0.3, 0.4], limit: 1 };
const lookup = (collection: string) => ({
  query: { recommend: { positive: [1] } },
  lookup_from: { collection },
});

/** A body that is refused before anything is judged. */
const unread = 'no object';

/** Whatever can be asked about a name, beside the name. */
const questions: readonly ((name: string) => RawRequest & { readonly json?: unknown })[] = [
  (name) => ({ path: `/collections/${name}` }),
  (name) => ({ path: `/collections/${name}/exists` }),
  (name) => ({ path: `/collections/${name}/aliases` }),
  (name) => ({ path: `/collections/${name}/cluster` }),
  (name) => ({ path: `/collections/${name}/snapshots` }),
  (name) => ({ path: `/collections/${name}/snapshots/none.snapshot` }),
  (name) => ({ path: `/collections/${name}/points/1` }),
  (name) => ({ method: 'DELETE', path: `/collections/${name}` }),
  (name) => ({ method: 'PUT', path: `/collections/${name}`, json: { vectors: {} } }),
  (name) => ({ method: 'PUT', path: `/collections/${name}`, json: unread }),
  (name) => ({ method: 'PUT', path: `/collections/${name}/points`, json: { points: [] } }),
  (name) => ({ method: 'POST', path: `/collections/${name}/points/search`, json: search }),
  (name) => ({ method: 'POST', path: `/collections/${name}/points/query`, json: lookup(own) }),
  (name) => ({ method: 'POST', path: `/collections/${own}/points/query`, json: lookup(name) }),
  (name) => ({
    method: 'POST',
    path: `/collections/${own}/points/query`,
    json: {
      prefetch: [{ prefetch: [lookup(name)], query: [1, 2, 3, 4] }],
      query: { fusion: 'rrf' },
    },
  }),
  (name) => ({
    method: 'POST',
    path: '/collections/aliases',
    json: { actions: [{ create_alias: { collection_name: name, alias_name: 'start-app-live' } }] },
  }),
  (name) => ({
    method: 'POST',
    path: '/collections/aliases',
    json: { actions: [{ delete_alias: { alias_name: name } }] },
  }),
];

const methods = [
  'Collections/Get',
  'Collections/CollectionExists',
  'Collections/Create',
  'Collections/Delete',
  'Collections/ListCollectionAliases',
  'Points/Upsert',
  'Points/Search',
  'Points/Query',
  'Points/Scroll',
  'Points/Count',
  'Snapshots/List',
];

/**
 * What frameworks do as they start: look for their collection, create it, and go on where it is there
 * already. A small role is enough for that, and what it may not see might as well not exist.
 */
export function tellFrameworkStart(open: OpenDatabase): void {
  let database: TestDatabase;
  let gateway: TestGateway;
  let maker: Client;
  let make: Call;
  const keyOf = (name: string) => gateway.keys[name] ?? null;
  beforeAll(async () => {
    database = await open();
    gateway = await startGateway({
      database,
      policies: {
        admin: 'allow: [{ collections: ["start-*"], access: m }]',
        app: `allow: [{ collections: [${own}], access: prw }]`,
      },
      keys: { admin: { roles: ['admin'] }, app: { roles: ['app'] } },
    });
    maker = startClient(clientKinds[0] as (typeof clientKinds)[number], gateway);
    make = maker.as(keyOf('admin'));
    for (const collection of [own, hidden.collection])
      await make('create', { collection, size: 4 });
    await make('alias', { alias: hidden.alias, collection: hidden.collection });
  });
  afterAll(async () => {
    for (const collection of [own, hidden.collection]) await make('drop', { collection });
    await maker.close();
    await gateway.stop();
    await database.close();
  });

  describe.each(clientKinds)('through $name', (kind) => {
    let client: Client;
    let call: Call;
    let admin: Call;
    beforeAll(() => {
      client = startClient(kind, gateway);
      call = client.as(keyOf('app'));
      admin = client.as(keyOf('admin'));
    });
    afterAll(() => client.close());

    it('starts as a framework does: creates, goes on where it exists, writes and reads', async () => {
      expect(await call('exists', { collection: own })).toBe(true);
      await expect(call('create', { collection: own, size: 4 })).rejects.toThrow(Thrown);
      await call('upsert', { collection: own, first: 0, count: 3, size: 4 });
      expect(await call('count', { collection: own })).toBe(3);
    });

    it('hears of its second create what Qdrant says to one who may create', async () => {
      const refused = await answerTo(call('create', { collection: own, size: 4 }));
      const second = await answerTo(admin('create', { collection: own, size: 4 }));
      expect(second).toMatchObject({ refusal: null });
      expect({ ...refused, refusal: null }).toEqual(second);
    });

    it('sees its own collection in lists, and no other', async () => {
      expect(await call('collections', {})).toEqual([own]);
      expect(await call('aliases', {})).toEqual([]);
      expect(await admin('collections', {})).toEqual(
        expect.arrayContaining([own, hidden.collection]),
      );
      expect(await admin('aliases', {})).toContain(`${hidden.alias}=${hidden.collection}`);
    });
  });

  describe('whoever may not list a name', () => {
    let rest: RawClient;
    let grpc: RawCaller;
    beforeAll(() => {
      rest = openRest(gateway);
      grpc = openGrpc(gateway);
    });
    afterAll(() => {
      rest.close();
      grpc.close();
    });

    it.each(questions.map((question) => [spoken(question), question] as const))(
      'reads of %s the same whether it exists, is an alias, or is nothing',
      async (_, question) => {
        const [existing, alias, missing] = await Promise.all(
          Object.values(hidden).map(async (name) => {
            const { json, ...asked } = question(name);
            const body = json === undefined ? {} : { body: JSON.stringify(json) };
            const {
              status,
              headers,
              body: said,
            } = await rest.ask({
              ...asked,
              ...body,
              key: keyOf('app'),
            });
            const { 'x-request-id': _id, date: _date, ...fields } = headers;
            return { status, fields, said: said.toString().replaceAll(name, 'NAME') };
          }),
        );
        expect(missing?.status).toBe(question(own).json === unread ? 400 : 403);
        expect(existing).toEqual(missing);
        expect(alias).toEqual(missing);
      },
    );

    it.each(methods)('hears of %s the same, too', async (method) => {
      const [existing, alias, missing] = await Promise.all(
        Object.values(hidden).map(async (name) => {
          const heard = await grpc.call(`/qdrant.${method}`, naming(name), keyOf('app'));
          const { 'x-request-id': _id, date: _date, ...fields } = heard.headers;
          const said = JSON.stringify(fields).replaceAll(name, 'NAME');
          return {
            status: heard.status,
            said,
            trailers: heard.trailers,
            length: heard.body.length,
          };
        }),
      );
      expect(missing).toMatchObject({ status: 7 });
      expect(existing).toEqual(missing);
      expect(alias).toEqual(missing);
    });
  });
}

function spoken(question: (typeof questions)[number]): string {
  const { method = 'GET', path, json } = question('NAME');
  return `${method} ${path}${json === undefined ? '' : ` ${JSON.stringify(json)}`}`;
}

/** What an SDK raised, but for what differs from answer to answer. */
async function answerTo(call: Promise<unknown>): Promise<object> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Thrown)) throw new Error('it was not refused', { cause: error });
  const { request: _, body, message, ...rest } = error.told;
  const untimed = (text: string) => text.replace(/"time":[\d.e-]+/, '"time":0');
  return { ...rest, message: untimed(message), body: untimed(body ?? '') };
}
