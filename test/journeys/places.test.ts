import { constants } from 'node:http2';
import { expect, it, onTestFinished } from 'vitest';
import { framed, naming, openGrpc, openRest } from '../support/clients-raw.ts';
import { startGateway } from '../support/gateway.ts';
import { openDemo } from '../support/gateway-database.ts';
import { layWire } from '../support/gateway-wire.ts';

const places = 8;
const count = '/collections/slow/points/count';

/** A gateway whose callers have so many places, and whose database answers when the test lets it. */
async function scene() {
  const database = await openDemo();
  const wires = [await layWire(database.http), await layWire(database.grpc)] as const;
  const gateway = await startGateway({
    database: { ...database, http: wires[0].url, grpc: wires[1].url },
    policies: {
      admin: 'allow: [{ collections: ["*"], access: m }]',
      many: `allow: [{ collections: [slow], access: r }]\nlimits: { concurrent: ${places} }`,
    },
    keys: { admin: { roles: ['admin'] }, many: { roles: ['many'] } },
  });
  const rest = openRest(gateway);
  onTestFinished(async () => {
    rest.close();
    await gateway.stop();
    await Promise.all(wires.map((wire) => wire.close()));
    await database.close();
  });
  const body = JSON.stringify({ vectors: { size: 4, distance: 'Dot' } });
  const admin = gateway.keys['admin'] ?? null;
  await rest.ask({ method: 'PUT', path: '/collections/slow', key: admin, body });
  const key = gateway.keys['many'] ?? '';
  const left = async () => {
    const { body: told } = await rest.ask({ path: '/.vectorgate/whoami', key });
    const { limits } = JSON.parse(told.toString()) as { limits: { left: number }[] };
    return limits[0]?.left;
  };
  const ask = (client: typeof rest) =>
    client.ask({ method: 'POST', path: count, key, body: '{}' }).then(
      ({ status }) => status,
      () => 0,
    );
  // The new name is known from here on: nobody waits for it any more.
  expect(await ask(rest)).toBe(200);
  const pinch = () => wires.forEach((wire) => void wire.pinch());
  const release = () => wires.forEach((wire) => void wire.release());
  return { gateway, key, left, ask, pinch, release };
}

it('requests that their callers give up on free their places, on both protocols', async () => {
  const { gateway, key, left, ask, pinch, release } = await scene();
  const grpc = openGrpc(gateway);
  pinch();
  const clients = Array.from({ length: places / 2 }, () => openRest(gateway));
  const asked = clients.map(ask);
  const streams = clients.map(() => {
    const stream = grpc.session.request({
      ':method': 'POST',
      ':path': '/qdrant.Points/Count',
      'content-type': 'application/grpc',
      te: 'trailers',
      'api-key': key,
    });
    stream.on('error', () => undefined).end(framed(naming('slow')));
    return stream;
  });
  await expect.poll(left).toBe(0);
  const late = openRest(gateway);
  expect(await ask(late)).toBe(429);
  expect((await grpc.call('/qdrant.Points/Count', naming('slow'), key)).status).toBe(8);

  for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
  await expect.poll(left).toBe(places / 2);
  for (const client of clients) client.close();
  await expect.poll(left).toBe(places);
  expect(await Promise.all(asked)).toEqual(clients.map(() => 0));
  release();
  expect(await ask(late)).toBe(200);
  expect(await left()).toBe(places);
  late.close();
  grpc.close();
});

it('many connections at once have no more places than one', async () => {
  const { gateway, left, ask, pinch, release } = await scene();
  pinch();
  const clients = Array.from({ length: 5 * places }, () => openRest(gateway));
  const statuses: number[] = [];
  const asked = clients.map((client) => ask(client).then((status) => statuses.push(status)));
  await expect.poll(() => statuses.length, { timeout: 10_000 }).toBe(4 * places);
  expect(new Set(statuses)).toEqual(new Set([429]));
  expect(await left()).toBe(0);
  release();
  await Promise.all(asked);
  expect(statuses.filter((status) => status === 200)).toHaveLength(places);
  await expect.poll(left).toBe(places);
  for (const client of clients) client.close();
});
