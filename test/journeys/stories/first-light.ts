import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Call,
  type Client,
  clientKinds,
  clientNotice,
  startClient,
} from '../../support/clients.ts';
import { openRest } from '../../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { exchangesOf, recordsPerRequest, type Told } from '../../support/gateway-audit.ts';
import type { OpenDatabase, TestDatabase } from '../../support/gateway-database.ts';

const count = 10_000;
const batch = 1000;
const like = 4321;

/** Points in and out that an operation must be recorded with; none where nothing is said. */
type Step = readonly [operation: string, collections: readonly string[], Partial<Told['points']>?];

/**
 * From nothing to ten thousand points and back, through every official client: what the application
 * sees is what the database answers, and the audit log has each call once, as it was.
 */
export function tellFirstLight(open: OpenDatabase): void {
  console.log(clientNotice);
  let database: TestDatabase;
  let gateway: TestGateway;
  beforeAll(async () => {
    database = await open();
    gateway = await startGateway({
      database,
      policies: { builder: 'allow: [{ collections: ["light-*"], access: m }]' },
      keys: Object.fromEntries(clientKinds.map(({ name }) => [name, { roles: ['builder'] }])),
    });
  });
  afterAll(async () => {
    await gateway.stop();
    await database.close();
  });

  describe.each(clientKinds)('through $name', (kind) => {
    const { name, protocol } = kind;
    const [blue, green, alias] = [`light-${name}`, `light-next-${name}`, `light-live-${name}`];
    const steps: Step[] = [];
    let client: Client;
    let call: Call;
    beforeAll(() => {
      client = startClient(kind, gateway);
      call = client.as(gateway.keys[name] ?? null);
    });
    afterAll(() => client.close());

    it('creates a collection and puts 10,000 points of 768 dimensions there', async () => {
      expect(await call('create', { collection: blue })).toBe(true);
      steps.push(['collections.create', [blue]]);
      for (let first = 0; first < count; first += batch) {
        await call('upsert', { collection: blue, first, count: batch });
        steps.push(['points.upsert', [blue], { in: batch }]);
      }
      expect(await call('count', { collection: blue })).toBe(count);
      expect(await call('describe', { collection: blue })).toBe(count);
      expect(await call('collections', {})).toContain(blue);
      steps.push(['points.count', [blue]], ['collections.get', [blue]], ['collections.list', []]);
    });

    it('finds the nearest point, also among the odd ones', async () => {
      const found = await call('search', { collection: blue, like, limit: 5 });
      expect(found).toHaveLength(5);
      expect(found[0]).toEqual({ id: like, score: expect.closeTo(1, 4) });
      const odd = await call('search', {
        collection: blue,
        like: like + 1,
        limit: 7,
        parity: 'odd',
      });
      expect(odd.map(({ id }) => id % 2)).toEqual([1, 1, 1, 1, 1, 1, 1]);
      steps.push(['points.query', [blue], { out: 5 }], ['points.query', [blue], { out: 7 }]);
    });

    it('scrolls through all points in pages', async () => {
      const ids: number[] = [];
      let next: number | null = null;
      do {
        const page: { ids: number[]; next: number | null } = await call('scroll', {
          collection: blue,
          limit: 4000,
          offset: next,
        });
        ids.push(...page.ids);
        next = page.next;
        steps.push(['points.scroll', [blue], { out: page.ids.length }]);
      } while (next !== null);
      expect(ids).toEqual(Array.from({ length: count }, (_, id) => id));
    });

    it('moves an alias to another collection at once', async () => {
      await call('alias', { alias, collection: blue });
      expect(await call('count', { collection: alias })).toBe(count);
      await call('create', { collection: green, size: 4 });
      await call('swap', { alias, collection: green });
      await call('upsert', { collection: alias, first: 0, count: 3, size: 4 });
      expect(await call('count', { collection: green })).toBe(3);
      expect(await call('aliases', {})).toContain(`${alias}=${green}`);
      await call('unalias', { alias });
      steps.push(
        ['aliases.update', [alias, blue]],
        ['points.count', [`${alias}=${blue}`]],
        ['collections.create', [green]],
        ['aliases.update', [alias, blue, green]],
        ['points.upsert', [`${alias}=${green}`], { in: 3 }],
        ['points.count', [green]],
        ['aliases.list', []],
        ['aliases.update', [alias, green]],
      );
    });

    it('makes a snapshot, lists it, downloads its bytes and deletes it', async () => {
      const snapshot = await call('snapshot', { collection: green });
      expect(await call('snapshots', { collection: green })).toEqual([snapshot]);
      steps.push(['snapshots.create', [green]], ['snapshots.list', [green]]);
      if (protocol === 'http') {
        const path = `/collections/${green}/snapshots/${snapshot}`;
        expect(await throughGateway(gateway, path, name)).toEqual(await atOnce(database, path));
        steps.push(['snapshots.download', [green]]);
      }
      await call('deleteSnapshot', { collection: green, snapshot });
      expect(await call('snapshots', { collection: green })).toEqual([]);
      steps.push(['snapshots.delete', [green]], ['snapshots.list', [green]]);
    });

    it('deletes half of the points, then both collections', async () => {
      await call('deletePoints', { collection: blue, parity: 'even' });
      expect(await call('count', { collection: blue })).toBe(count / 2);
      expect(await call('count', { collection: blue, parity: 'even' })).toBe(0);
      await call('drop', { collection: blue });
      await call('drop', { collection: green });
      expect(await call('exists', { collection: blue })).toBe(false);
      steps.push(
        ['points.delete', [blue]],
        ['points.count', [blue]],
        ['points.count', [blue]],
        ['collections.delete', [blue]],
        ['collections.delete', [green]],
        ['collections.exists', [blue]],
      );
    });

    it('is in the audit log call by call, with one intent and one outcome each', async () => {
      const expected = steps.map(([operation, collections, points]) => ({
        protocol,
        operation,
        collections: [...collections].sort(),
        status: protocol === 'grpc' ? 0 : 200,
        points: { in: 0, out: 0, ...points },
      }));
      const told = () =>
        exchangesOf(gateway.audit(), name).map((each) => {
          return { ...each, collections: [...each.collections].sort() };
        });
      await expect.poll(told).toEqual(expected);
    });
  });

  it('leaves no request without an end, and refuses none', async () => {
    const kinds = () => [...recordsPerRequest(gateway.audit()).values()];
    await expect.poll(() => kinds().filter((each) => each.length !== 2)).toEqual([]);
    expect(new Set(kinds().map(String))).toEqual(new Set(['intent,outcome']));
  });
}

interface Bytes {
  readonly status: number;
  readonly length: number;
  readonly sha256: string;
}

function bytesOf(status: number, body: Buffer): Bytes {
  return { status, length: body.length, sha256: createHash('sha256').update(body).digest('hex') };
}

async function throughGateway(gateway: TestGateway, path: string, name: string): Promise<Bytes> {
  const rest = openRest(gateway);
  const { status, body } = await rest.ask({ path, key: gateway.keys[name] ?? null });
  rest.close();
  return bytesOf(status, body);
}

async function atOnce(database: TestDatabase, path: string): Promise<Bytes> {
  const headers = database.credential === null ? {} : { 'api-key': database.credential };
  const answer = await fetch(database.http + path, { headers });
  return bytesOf(answer.status, Buffer.from(await answer.arrayBuffer()));
}
