import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, type Client, clientKinds, startClient, Thrown } from '../../support/clients.ts';
import { callOn } from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { namesIn } from '../../support/gateway-audit.ts';
import type { OpenDatabase, TestDatabase } from '../../support/gateway-database.ts';
import { type Gate, openGate } from '../../support/gateway-gate.ts';

const blue = 'swap-blue';
const green = 'swap-green';
const alias = 'swap-live';
const swaps = 24;
const size = 4;

/** One who writes through the alias until told to stop: what was acknowledged, and what refused. */
interface Writer {
  readonly who: 'free' | 'bound';
  readonly client: string;
  readonly acknowledged: number[];
  refused: number;
}

/**
 * Blue and green change places under an alias while everybody writes through it. What is written lies
 * where the alias was judged to lead; a key that may write to blue alone never writes to green.
 */
export function tellAliasSwap(
  open: OpenDatabase,
  sections: Readonly<Record<string, unknown>> = {},
): void {
  let database: TestDatabase;
  let gate: Gate;
  let gateway: TestGateway;
  let clients: readonly Client[];
  let admin: Call;
  beforeAll(async () => {
    database = await open();
    gate = await openGate(database.http);
    gateway = await startGateway({
      database: { ...database, http: gate.http },
      policies: {
        admin: 'allow: [{ collections: ["swap-*"], access: m }]',
        free: `allow: [{ collections: [${alias}], access: rw }]`,
        bound: `allow: [{ collections: [${blue}], access: rw }]`,
      },
      keys: { admin: { roles: ['admin'] }, free: { roles: ['free'] }, bound: { roles: ['bound'] } },
      sections,
    });
    clients = clientKinds.map((kind) => startClient(kind, gateway));
    admin = (clients[0] as Client).as(gateway.keys['admin'] ?? null);
    for (const collection of [blue, green]) await admin('create', { collection, size });
    await admin('alias', { alias, collection: blue });
  });
  afterAll(async () => {
    for (const collection of [blue, green]) await admin('drop', { collection });
    await Promise.all(clients.map((client) => client.close()));
    await gateway.stop();
    await gate.close();
    await database.close();
  });

  describe('while every client writes through the alias', () => {
    const writers: Writer[] = [];
    beforeAll(async () => {
      const stopped = { yes: false };
      const writing = clients.flatMap((client, at) =>
        (['free', 'bound'] as const).map((who, nth) => {
          const writer: Writer = { who, client: client.kind.name, acknowledged: [], refused: 0 };
          writers.push(writer);
          const first = (at * 2 + nth + 1) * 100_000;
          return write(client.as(gateway.keys[who] ?? null), writer, first, stopped);
        }),
      );
      for (let swap = 1; swap <= swaps; swap += 1) {
        await admin('swap', { alias, collection: swap % 2 === 1 ? green : blue });
      }
      stopped.yes = true;
      await Promise.all(writing);
    });

    it('acknowledges writes of all of them, and refuses none to a key that may use the alias', () => {
      for (const { who, acknowledged, refused, client } of writers) {
        expect([client, who, acknowledged.length > 0]).toEqual([client, who, true]);
        if (who === 'free') expect([client, refused]).toEqual([client, 0]);
      }
    });

    it('loses no write that was acknowledged, and holds no other', async () => {
      const lying = [...(await idsIn(admin, blue)), ...(await idsIn(admin, green))];
      const written = writers.flatMap(({ acknowledged }) => acknowledged);
      expect(new Set(lying)).toEqual(new Set(written));
    });

    it('puts nothing into green for a key that may write to blue alone', async () => {
      const inGreen = new Set(await idsIn(admin, green));
      const bound = writers.filter(({ who }) => who === 'bound');
      const strayed = bound.flatMap(({ acknowledged }) =>
        acknowledged.filter((id) => inGreen.has(id)),
      );
      expect(strayed).toEqual([]);
      expect(inGreen.size).toBeGreaterThan(0);
    });

    it('touched no collection that was not judged', () => {
      const intents = gateway.audit().filter(({ kind }) => kind === 'intent');
      const judged = new Map(
        intents.map(({ request, collections = [] }) => {
          return [request, collections.map(({ resolved }) => resolved)] as const;
        }),
      );
      const requests = database.touches?.filter(({ requestId }) => judged.has(requestId)) ?? [];
      const unjudged = requests.filter(({ requestId, operation, collections }) => {
        // A list is trimmed afterwards to what may be listed.
        if (operation === 'collections.list' || operation === 'aliases.list') return false;
        return [...collections].some((name) => !judged.get(requestId)?.includes(name));
      });
      expect(unjudged).toEqual([]);
      if (database.touches) expect(requests.length).toBeGreaterThan(swaps);
    });
  });

  describe('a request that names the alias while it changes', () => {
    let session: ClientHttp2Session;
    beforeAll(async () => {
      await admin('swap', { alias, collection: blue });
      session = connect(gateway.http(), { ca: readFileSync(gateway.certificates.ca) });
    });
    afterAll(() => session.destroy());

    const count = (name: string, key: string) => {
      const fields = {
        ':method': 'POST',
        ':path': `/collections/${name}/points/count`,
        'content-type': 'application/json',
        'api-key': gateway.keys[key],
      };
      return callOn(session, fields, Buffer.from('{"exact":true}'));
    };

    it('waits, and then means what the alias has come to mean', async () => {
      const shut = gate.hold('/collections/aliases');
      const swap = admin('swap', { alias, collection: green });
      const held = await shut;
      const order: string[] = [];
      const noted = <T>(name: string, call: Promise<T>) =>
        call.then((answer) => {
          order.push(name);
          return answer;
        });
      const waiting = noted('by alias', count(alias, 'free'));
      const barred = noted('by alias, barred', count(alias, 'bound'));
      // One connection's requests are taken in their order: once these are answered, both of the
      // others have been taken, and wait.
      const other = await noted('another', count('swap-other', 'bound'));
      expect([other.headers[':status'], order]).toEqual([403, ['another']]);
      expect(intentsOn(gateway, alias)).toEqual([]);
      held.release();
      expect((await waiting).headers[':status']).toBe(200);
      expect((await barred).headers[':status']).toBe(403);
      await swap;
      expect(intentsOn(gateway, alias)).toEqual([[`${alias}=${green}`]]);
    });
  });
}

/** Counts of the alias that were let through. */
function intentsOn(gateway: TestGateway, name: string): string[][] {
  return gateway
    .audit()
    .filter(({ kind, operation }) => kind === 'intent' && operation === 'points.count')
    .map(({ collections }) => namesIn(collections))
    .filter(([first]) => first?.startsWith(`${name}=`));
}

async function write(
  call: Call,
  writer: Writer,
  first: number,
  stopped: { readonly yes: boolean },
): Promise<void> {
  const batch = 3;
  // Once more after the last swap, which has led everybody back to blue.
  for (let turn = 0, last = false; !last; turn += 1) {
    last = stopped.yes;
    const start = first + turn * batch;
    try {
      await call('upsert', { collection: alias, first: start, count: batch, size });
      writer.acknowledged.push(start, start + 1, start + 2);
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      const { status, code, refusal, message } = error.told;
      const denied = (status === 403 || code === 7) && refusal === 'not-permitted';
      if (!denied) throw new Error(`${writer.client}, ${writer.who}: ${message}`, { cause: error });
      writer.refused += 1;
    }
  }
}

async function idsIn(call: Call, collection: string): Promise<number[]> {
  const ids: number[] = [];
  let next: number | null = null;
  do {
    const page: { ids: number[]; next: number | null } = await call('scroll', {
      collection,
      limit: 5000,
      offset: next,
    });
    ids.push(...page.ids);
    next = page.next;
  } while (next !== null);
  return ids;
}
