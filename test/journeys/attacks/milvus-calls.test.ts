import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delimited } from '../../fuzz/support/calls.ts';
import { encode, type Plain } from '../../support/milvus/messages.ts';
import { frame } from './call-cases.ts';
import { callTables } from './milvus-call-cases.ts';
import { type MilvusScene, openMilvusScene } from './milvus-scene.ts';
import { ask, openSession } from './scene.ts';

let world: MilvusScene;
let session: ClientHttp2Session;

beforeAll(async () => {
  world = await openMilvusScene();
  session = openSession(world.scene, 'grpc');
});
afterAll(async () => {
  session?.destroy();
  await world?.close();
});

const service = '/milvus.proto.milvus.MilvusService/';
const text = (field: number, value: string) => delimited(field, Buffer.from(value));
const all = (...parts: Buffer[]) => Buffer.concat(parts);
const of = (type: string, content: Plain) => encode(`${type}Request`, content);
const pub = text(3, 'pub');

async function call(target: string, frames: Buffer, more: readonly string[] = []) {
  const path = target.startsWith('/') ? target : service + target;
  const type = more.includes('content-type') ? [] : ['content-type', 'application/grpc'];
  const pseudo = [':method', 'POST', ':path', path, ':scheme', 'https', ':authority', 'localhost'];
  const fields = [...type, 'te', 'trailers', 'authorization', world.key];
  const told = await ask(session, [...pseudo, ...fields, ...more], frames);
  return { ...told, said: `${told.grpc} ${told.refusal}` };
}

const denied = '7 not-permitted';
const unread = '3 unreadable-request';
const passes = '0 null';

describe.each(callTables)('a %s, over gRPC, reaches nothing foreign', (_, cases) => {
  it.each(cases.map(([a, b, c, d, e = []]) => [a, b, c, d, e] as const))(
    '%s',
    async (_, expected, method, message, more) => {
      const told = await call(method, frame(message), more);
      expect(told.said).toBe(expected);
      expect(world.foreign()).toEqual([]);
    },
  );
});

describe('an id, over gRPC,', () => {
  const describing = (content: Plain) => frame(of('DescribeCollection', content));

  it('beside a name says nothing', async () => {
    const content = { collection_name: 'pub', collectionID: world.secretId };
    expect((await call('DescribeCollection', describing(content))).said).toBe(passes);
    expect(world.foreign()).toEqual([]);
  });

  it('of another is refused as one is that nothing has', async () => {
    const [there, nowhere] = await Promise.all(
      [world.secretId, '7'].map((collectionID) =>
        call('DescribeCollection', describing({ collectionID })),
      ),
    );
    expect(there?.said).toBe(denied);
    expect(nowhere).toMatchObject({ said: denied, fields: there?.fields });
    expect(world.foreign()).toEqual([]);
  });
});

describe('a length, over gRPC,', () => {
  it('larger than any message is refused before it comes', async () => {
    const told = await call('Insert', frame(pub, 0, 0x7fffffff));
    expect(told.said).toBe('8 too-large');
  });

  it('shorter than what comes makes no second message', async () => {
    const told = await call('Query', all(frame(pub), frame(text(3, 'sec')).subarray(1)));
    expect(told.said).toBe(unread);
    expect(world.foreign()).toEqual([]);
  });
});

it('none of what says more than a caller may goes on', async () => {
  const more = ['skip_rls', 'true', 'dbname-bin', 'YWNtZQ==', 'log_level', 'debug'];
  const from = world.double.came.length;
  expect((await call('Query', frame(all(pub, text(15, 'x'))), more)).said).toBe(passes);
  const came = world.double.came.slice(from).find(({ target }) => target === `${service}Query`);
  for (const name of ['skip_rls', 'dbname-bin', 'log_level']) {
    expect(came?.field(name)).toBeUndefined();
  }
  expect(came?.body.toString('latin1')).not.toContain('x');
});
