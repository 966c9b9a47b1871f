import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { type Approach, naming, openGrpc, openRest } from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { openDemo, type TestDatabase } from '../support/gateway-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openDemo();
});
afterAll(() => database.close());

const foreign = makeDevCertificates();

interface Heard {
  readonly rest: number | string;
  readonly grpc: number | string;
}

/** What a caller hears on both ports: a status, or how its connection ended. */
async function heard(gateway: TestGateway, approach: Approach, key: string | null): Promise<Heard> {
  const rest = openRest(gateway, approach);
  const grpc = openGrpc(gateway, approach);
  const failed = (error: NodeJS.ErrnoException) => {
    // Depending on who is faster, the alert itself comes, or only the end it brings.
    return /^(ERR_SSL_|ECONNRESET|EPIPE|ERR_HTTP2_)/.test(error.code ?? '')
      ? 'no handshake'
      : error;
  };
  const asked = rest.ask({ path: '/collections', key }).then(({ status }) => status, failed);
  const called = grpc
    .call('/qdrant.Collections/List', naming(''), key)
    .then(({ status }) => (Number.isNaN(status) ? 'no handshake' : status), failed);
  const [one, other] = await Promise.all([asked, called]);
  rest.close();
  grpc.close();
  return { rest: one as number, grpc: other as number };
}

const welcome = { rest: 200, grpc: 0 };
const nobody = { rest: 401, grpc: 16 };
const shutOut = { rest: 'no handshake', grpc: 'no handshake' };

const modes = {
  none: { bare: welcome, good: welcome, foreign: welcome, keyless: nobody, refused: 0 },
  optional: { bare: welcome, good: welcome, foreign: shutOut, keyless: nobody, refused: 2 },
  required: { bare: shutOut, good: welcome, foreign: shutOut, keyless: nobody, refused: 4 },
} as const;

describe.each(Object.entries(modes))('client certificates: %s', (mode, expected) => {
  let gateway: TestGateway;
  let good: Approach;
  let key: string | null;
  beforeAll(async () => {
    gateway = await startGateway({
      database,
      policies: { reader: 'allow: [{ collections: ["*"], access: r }]' },
      keys: { reader: { roles: ['reader'] } },
      clientCertificate: mode as keyof typeof modes,
    });
    key = gateway.keys['reader'] ?? null;
    const { client, clientKey } = gateway.certificates;
    good = { cert: readFileSync(client, 'utf8'), key: readFileSync(clientKey, 'utf8') };
  });
  afterAll(() => gateway.stop());

  it('lets in those with a certificate of the authority, and says no more of them than that', async () => {
    expect(await heard(gateway, good, key)).toEqual(expected.good);
    await expect
      .poll(() => gateway.audit().filter(({ kind }) => kind === 'outcome'))
      .toHaveLength(2);
    const fingerprints = gateway.audit().flatMap(({ tls }) => (tls ? [tls.certificate] : []));
    const shown = mode === 'none' ? null : expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(fingerprints).toEqual([shown, shown]);
  });

  it('treats those without one as it was told to', async () => {
    expect(await heard(gateway, {}, key)).toEqual(expected.bare);
  });

  it('treats those with one of another authority as it was told to', async () => {
    const { certificate: cert, key: own } = foreign.client;
    expect(await heard(gateway, { cert, key: own }, key)).toEqual(expected.foreign);
  });

  it('counts each that it refused among the failures of nobody', async () => {
    const refused = () =>
      gateway.audit().reduce((sum, { reason, count = 0 }) => {
        return reason?.startsWith('client certificate: ') ? sum + count : sum;
      }, 0);
    await expect.poll(refused, { timeout: 10_000 }).toBe(expected.refused);
  });

  it('takes nobody for somebody because of a certificate', async () => {
    expect(await heard(gateway, good, null)).toEqual(expected.keyless);
  });
});
