import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { data, headers, preface } from '../../proxy/support/frames.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { callOnce } from '../../support/milvus/call.ts';
import { type MilvusDouble, openMilvusDouble } from '../../support/milvus/double.ts';
import { decided, readOtherwise, sentByNobody } from './decided.ts';
import { gistOf, type Recorded, recorded, seed } from './recorded.ts';

let double: MilvusDouble;
let gateway: TestGateway;
const base64 = (text: string) => Buffer.from(text).toString('base64');

beforeAll(async () => {
  double = await openMilvusDouble({ users: { root: 'Milvus', bob: 'Password1' } });
  seed(double.store);
  const all = '{ databases: ["*"], collections: ["*"], access: [list, read, write, manage] }';
  const policies = {
    root: `allow:\n  - ${all}\n  - { databases: ["*"], access: [list, manage, admin] }`,
    bob: 'allow:\n  - { collections: [products], access: r }',
  };
  const keys = { root: { roles: ['root'] }, bob: { roles: ['bob'] } };
  gateway = await startGateway({ database: double, policies, keys });
});
afterAll(async () => {
  await gateway?.stop();
  await double?.close();
});

const bare = (call: Recorded) =>
  callOnce(double.grpc.replace('http://', ''), credentials.createInsecure(), call);

/** A credential with a key in the password's place, spelled as it was. */
function withKey(value: string): string {
  for (const [password, name] of [
    ['root:Milvus', 'root'],
    ['bob:Password1', 'bob'],
  ] as const) {
    const shown = `${name}:${gateway.keys[name]}`;
    const coded = base64(password);
    if (value === coded) return base64(shown);
    if (value === coded.replace(/=+$/, '')) return unpadded(shown);
    if (value === base64(`${password}:x`)) return base64(`${shown}:x`);
    if (value.endsWith(password)) return value.replace(password, shown);
    if (value === password.split(':')[1]) return gateway.keys[name] ?? '';
  }
  return value;
}

/** Base64 that lacks its padding: a name before the key that makes it want some. */
function unpadded(shown: string): string {
  const wanting = shown.length % 3 === 0 ? `r${shown}` : shown;
  return base64(wanting).replace(/=+$/, '');
}

/** The same call through the gateway: who had a password that counts has a key. */
function through({ metadata, ...call }: Recorded) {
  const swapped = metadata.map(([name, value]) => [name, withKey(value)] as const);
  const ca = credentials.createSsl(readFileSync(gateway.certificates.ca));
  return callOnce(gateway.grpc().replace('https://', ''), ca, { ...call, metadata: swapped });
}

const sendable = recorded.filter(({ name }) => !sentByNobody.has(name));
const cases = (calls: readonly Recorded[]) => calls.map((call) => [call.name, call] as const);

describe('the double answers what Milvus answered to', () => {
  const held = sendable.filter(({ name }) => !readOtherwise.has(name));
  it.each(cases(held))('%s', async (_name, call) => {
    const { status, answer } = await bare(call);
    expect([status, gistOf(answer)]).toEqual([call.status, gistOf(call.answer)]);
  });
});

describe('the gateway decides on purpose about', () => {
  it.each(cases(sendable))('%s', async (name, call) => {
    const [decision] = decided[name] ?? [];
    const before = double.asked.length;
    const { status, answer, trailers } = await through(call);
    if (decision === 'passes') {
      expect([status, trailers['x-vectorgate-refusal']]).toEqual([0, undefined]);
      const told = gistOf(call.answer) as { name?: string };
      // Where only an id was given, Milvus echoes no name.
      expect(gistOf(answer)).toEqual(name === 'id alone' ? { ...told, name: 'docs2' } : told);
    } else if (decision === 'known') {
      expect([status, gistOf(answer)]).toEqual([0, { code: 0, names: ['docs2', 'products'] }]);
    } else if (decision === 'trimmed') {
      expect([status, gistOf(answer)]).toEqual([0, { code: 0, names: ['products'] }]);
    } else {
      expect(trailers['x-vectorgate-refusal']).toBe(decision);
      expect([3, 7, 16]).toContain(status);
      const own = ['ListDatabases', 'ShowCollections', 'ListAliases', 'GetVersion'];
      const seen = double.asked.slice(before).filter((method) => !own.includes(method));
      expect(seen).toEqual([]);
    }
  });

  it('every recorded call, and no other', () => {
    expect(Object.keys(decided)).toEqual(recorded.map(({ name }) => name));
  });

  it.each([...sentByNobody])('%s, as bytes', async (name) => {
    const call = recorded.find((each) => each.name === name) as Recorded;
    const key = base64(gateway.keys['root'] ?? '');
    const shown = call.metadata.flatMap(([field, value]) => [
      field,
      value === base64('root:Milvus') ? key : value,
    ]);
    const refused = () => gateway.output().split('authorization is given twice').length - 1;
    const before = refused();
    const { hostname, port } = new URL(gateway.grpc());
    const ca = readFileSync(gateway.certificates.ca);
    const socket = connect({ host: hostname, port: Number(port), ca, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    const head = ['content-type', 'application/grpc', 'te', 'trailers', ...shown];
    const path = `/milvus.proto.milvus.MilvusService/${call.method}`;
    socket.write(Buffer.concat([preface, headers(1, ['POST', path], head)]));
    socket.write(data(1, '\0\0\0\0\0', true));
    await expect.poll(refused).toBe(before + 1);
    socket.destroy();
  });
});
