import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  naming,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { credential, openDemo, type TestDatabase } from '../support/gateway-database.ts';
import { adminToken, scrapeToken } from '../support/gateway-folder.ts';

const inPayload = 'canary-in-a-payload';
const inFilter = 'canary-in-a-filter';
const inQuery = 'canary-in-a-query-string';
const inBadBody = 'canary-in-a-body-that-is-no-json';
const inHeader = 'canary-in-a-header';
const foreignKey = 'canary-of-a-key-that-is-not-ours';
/** As it is written in JSON. */
const inVector = '0.7123456789';

let database: TestDatabase;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;
/** All that callers were answered, but for what they may read: payloads and vectors. */
const answered: string[] = [];
let secrets: readonly string[];

beforeAll(async () => {
  database = await openDemo();
  gateway = await startGateway({
    database,
    policies: {
      admin: 'allow: [{ collections: ["*"], access: m }]',
      r: 'allow: [{ collections: [vault], access: r }]',
    },
    keys: {
      admin: { roles: ['admin'] },
      r: { roles: ['r'] },
      gone: { roles: ['r'], revoked: true },
    },
  });
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
  secrets = secretsOf(gateway);
  await callEverything();
});
afterAll(async () => {
  rest.close();
  grpc.close();
  await gateway.stop();
});

function secretsOf({ keys, certificates }: TestGateway): readonly string[] {
  const known = [...Object.values(keys), foreignKey, credential, adminToken, scrapeToken];
  const inOtherWords = known.flatMap((text) => [
    text,
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
    createHash('sha256').update(text).digest('hex'),
    // The secret part alone, where it is a key of ours.
    ...(text.startsWith('vg_') ? [text.slice(text.lastIndexOf('_') + 1)] : []),
  ]);
  const privateKey = readFileSync(certificates.serverKey, 'utf8').split('\n')[1] ?? '';
  return [...inOtherWords, privateKey];
}

/** Does what callers do, rightly and wrongly, with something to find in each place. */
async function callEverything(): Promise<void> {
  const admin = gateway.keys['admin'] ?? null;
  const vault = '/collections/vault';
  const json = (value: unknown) => ({ body: JSON.stringify(value) });
  const point = `{"id":1,"vector":[${inVector},0.5],"payload":{"text":"${inPayload}"}}`;
  const filter = { must: [{ key: 'text', match: { value: inFilter } }] };
  const create = json({ vectors: { size: 2, distance: 'Dot' } });
  await rest.ask({ method: 'PUT', path: vault, key: admin, ...create });
  const points = {
    method: 'PUT',
    path: `${vault}/points?wait=true`,
    body: `{"points":[${point}]}`,
  };
  const scroll = { method: 'POST', path: `${vault}/points/scroll`, ...json({ filter }) };
  const query = `{"query":[${inVector},0.5],"limit":1}`;
  const search = { method: 'POST', path: `${vault}/points/query`, body: query };
  const broken = { method: 'POST', path: `${vault}/points/query`, body: `{"${inBadBody}` };
  const asked = { path: `${vault}?api-key=${admin}&token=${inQuery}` };
  const told = { path: vault, headers: { 'x-forwarded-user': inHeader, cookie: inHeader } };
  const twice = { path: vault, headers: { authorization: `Bearer ${gateway.keys['r']}` } };
  const bearer = { path: vault, headers: { authorization: `Bearer ${admin}` } };
  const basic = { path: vault, headers: { authorization: `Basic ${inHeader}` } };
  const unknown = { path: `/nothing/of/this?${inQuery}` };
  const requests = [points, scroll, search, broken, asked, told, twice, bearer, basic, unknown];
  const callers = [admin, gateway.keys['r'], gateway.keys['gone'], foreignKey, null];
  for (const key of callers) {
    for (const request of requests) {
      const { status, headers, body } = await rest.ask({ ...request, key: key ?? null });
      const passed = request === search && status === 200;
      answered.push(JSON.stringify(headers), passed ? '' : body.toString('latin1'));
    }
    for (const message of [naming('vault'), Buffer.from(inBadBody), Buffer.alloc(0)]) {
      const heard = await grpc.call('/qdrant.Points/Upsert', message, key ?? null);
      answered.push(JSON.stringify([heard.headers, heard.trailers]), heard.body.toString('latin1'));
    }
  }
  await database.close();
  // Nor does what goes wrong behind the gateway show what it said there.
  for (const key of callers) {
    const { headers, body } = await rest.ask({ ...points, key: key ?? null });
    answered.push(JSON.stringify(headers), body.toString('latin1'));
  }
}

/** Where a text stands in any of these, with a little of what is around it. */
function found(all: readonly string[], canaries: readonly string[]): string[] {
  return canaries.flatMap((canary) =>
    all.flatMap((text) => {
      const at = text.toLowerCase().indexOf(canary.toLowerCase());
      return at === -1 ? [] : [`${canary} in …${text.slice(Math.max(0, at - 80), at + 80)}…`];
    }),
  );
}

const contents = [inPayload, inFilter, inQuery, inBadBody, inHeader, inVector];

describe('nothing that is secret, and nothing of what is stored or asked for', () => {
  it('stands in an answer that says no', () => {
    expect(answered.length).toBeGreaterThan(100);
    expect(found(answered, [...secrets, ...contents])).toEqual([]);
  });

  it('stands in the status, the list of keys, or the metrics', async () => {
    const paths = ['/status', '/keys', '/audit', '/issuers', '/policy', '/credentials', '/whoami'];
    const told = await Promise.all(
      paths.map(async (path) => JSON.stringify(await gateway.admin(path))),
    );
    const metrics = await gateway.health('/metrics');
    expect(metrics.body).toContain('vectorgate_requests_total');
    expect(found([...told, metrics.body], [...secrets, ...contents])).toEqual([]);
  });

  it('stands in the audit log, or in what the process writes, to its very end', async () => {
    const { auditDirectory } = gateway;
    // To stop it would take its folder away.
    gateway.signal('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    const files = readdirSync(auditDirectory).map((name) => {
      return readFileSync(join(auditDirectory, name), 'latin1');
    });
    expect(files.join('')).toContain('"kind":"stop"');
    expect(gateway.output()).toContain('"msg":"stopped"');
    expect(found([...files, gateway.output()], [...secrets, ...contents])).toEqual([]);
  });
});

it('would have been found, had it stood there', () => {
  const text = `a Bearer ${Buffer.from(credential).toString('base64')} b`;
  expect(found([text], secrets)).toHaveLength(1);
});
