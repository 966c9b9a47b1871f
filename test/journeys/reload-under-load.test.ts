import { connect } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryText } from '../../src/identity/keys/entry-text.ts';
import { mintKey } from '../../src/identity/keys/mint.ts';
import { makeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { keySetOf, signingKey } from '../identity/tokens/mint.ts';
import { issuer, oidcToken, seconds, keys as signers } from '../identity/tokens/scene.ts';
import { naming, openGrpc, openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { type KubernetesMount, kubernetesMount } from '../support/kubernetes-mount.ts';
import { forge, forgeAuthority, forgeList } from '../tls/forge.ts';

const swaps = 5;
const uri = 'spiffe://prod/load';
const clientsCa = forgeAuthority('Clients CA');
const client = forge({ names: [[0x86, uri]] }, clientsCa);
const key = mintKey({ name: 'load', roles: ['reader'] }, Date.now());
const token = oidcToken({ exp: seconds + 600, realm_access: { roles: ['reader'] } });
const servers = Array.from({ length: swaps + 1 }, () => makeDevCertificates());
/** Every server certificate there will be is trusted by the clients. */
const ca = servers.map((each) => each.ca.certificate).join('');

/** The files of one version: everything is another, and what clients use counts in each. */
function version(number: number): Record<string, string> {
  const { server } = servers[number] ?? makeDevCertificates();
  const more = mintKey({ name: `more-${number}`, roles: ['reader'] }, Date.now());
  const next = forgeAuthority(`Next CA ${number}`);
  return {
    'server.pem': server.certificate,
    'server-key.pem': server.key,
    'clients.pem': clientsCa.certificate + next.certificate,
    'clients.crl': forgeList(clientsCa, { serials: [number + 1] }) + forgeList(next),
    'keys.yaml': `keys:\n${entryText(key.entry)}${entryText(more.entry)}`,
    'jwks.json': keySetOf(signers.rsa, signingKey('ES256', `next-${number}`)),
  };
}

let database: TestDatabase;
let gateway: TestGateway;
let mount: KubernetesMount;
beforeAll(async () => {
  database = await openDemo();
  mount = kubernetesMount(version(0));
  gateway = await startGateway({
    database,
    policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
    keys: {},
    identity: {
      keys: { store: 'file', path: mount.path('keys.yaml') },
      certificates: [{ match: { uri }, principal: 'load', roles: ['reader'] }],
      tokens: [
        {
          ...{ kind: 'oidc', name: 'idp', issuer, jwks: mount.path('jwks.json') },
          ...{ audience: 'vectorgate', algorithms: ['RS256'], roles: 'realm_access.roles' },
        },
      ],
    },
    tls: {
      ...{ certificate: mount.path('server.pem'), key: mount.path('server-key.pem') },
      ...{ clientCa: mount.path('clients.pem'), crl: mount.path('clients.crl') },
      clientCertificate: 'optional',
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await database.close();
  mount.close();
});

const shown = { cert: client.certificate, key: client.key };
const collections = { path: '/collections' };

/** Callers by every kind of credential and every wire, on connections that stay and on new ones. */
function callers(): readonly (() => Promise<number>)[] {
  const [rest, certified] = [openRest(gateway, { ca }), openRest(gateway, { ca, ...shown })];
  const [grpc, bearing] = [openGrpc(gateway, { ca }), openGrpc(gateway, { ca, ...shown })];
  const session = connect(gateway.http(), { ca });
  const list = naming('');
  const anew = async () => {
    const once = openRest(gateway, { ca, ...shown });
    const { status } = await once.ask(collections);
    once.close();
    return status;
  };
  const over2 = () =>
    new Promise<number>((resolve, reject) => {
      const stream = session.request({ ':path': '/collections', authorization: `Bearer ${token}` });
      stream.on('response', (fields) => resolve(Number(fields[':status'])));
      stream.on('error', reject).resume();
    });
  closing.push(...[rest, certified, grpc, bearing].map((each) => () => each.close()), () =>
    session.destroy(),
  );
  return [
    async () => (await rest.ask({ ...collections, key: key.key })).status,
    async () => (await certified.ask(collections)).status,
    async () => ((await grpc.call('/qdrant.Collections/List', list, token)).status === 0 ? 200 : 0),
    async () =>
      (await bearing.call('/qdrant.Collections/List', list, null)).status === 0 ? 200 : 0,
    over2,
    anew,
  ];
}
const closing: (() => void)[] = [];
const soon = { timeout: 15_000, interval: 20 };

const changes = (event: string) =>
  gateway.audit().filter((record) => record.event === event).length;

describe('while requests come without a pause', () => {
  it('everything is replaced at once, again and again, and none of them fails', async () => {
    let ended = false;
    const heard: unknown[] = [];
    const load = callers().map(async (call) => {
      while (!ended) heard.push(await call().catch((error: unknown) => String(error)));
    });
    const events = ['certificate.changed', 'authority.changed', 'crl.changed'];
    events.push('keys.changed', 'issuer.changed');
    for (let number = 1; number <= swaps; number++) {
      mount.swap(version(number));
      for (const event of events) {
        await expect.poll(() => changes(event), soon).toBeGreaterThanOrEqual(number);
      }
    }
    ended = true;
    await Promise.all(load);
    for (const close of closing) close();
    expect(heard.filter((status) => status !== 200)).toEqual([]);
    expect(heard.length).toBeGreaterThan(swaps * 20);
    for (const event of events) expect(changes(event)).toBe(swaps);
  });

  it('a version of which one file is no good is refused whole', async () => {
    const good = version(swaps);
    const foreign = forgeList(forgeAuthority('Clients CA'));
    mount.swap({ ...version(0), 'keys.yaml': good['keys.yaml'] ?? '', 'clients.crl': foreign });
    await expect.poll(() => changes('certificate.refused'), soon).toBe(1);
    const rest = openRest(gateway, { ca: servers[swaps]?.ca.certificate ?? '', ...shown });
    expect((await rest.ask(collections)).status).toBe(200);
    rest.close();
  });
});
