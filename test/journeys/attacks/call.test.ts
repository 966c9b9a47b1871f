import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callCases, frame } from './call-cases.ts';
import { ask, openScene, openSession, type Scene } from './scene.ts';

let scene: Scene;
let session: ClientHttp2Session;

beforeAll(async () => {
  scene = await openScene();
  session = openSession(scene, 'grpc');
});

afterAll(async () => {
  session.destroy();
  await scene.close();
});

const head = (path: string, more: readonly string[] = []): string[] => [
  ...[':method', 'POST', ':path', path, ':scheme', 'https', ':authority', 'localhost'],
  ...['content-type', 'application/grpc', 'te', 'trailers', ...more],
];

const cases = callCases.map(([name, path, frames, expected, more = []]) => {
  return [name, path, frames, expected, more] as const;
});

describe('an attack by a call is refused or harmless', () => {
  it.each(cases)('%s', async (_, path, frames, expected, more) => {
    scene.touched();
    const told = await ask(session, [...head(path, more), 'api-key', scene.key('own')], frames);
    const reached = scene.touched().flatMap(({ collections }) => [...collections]);
    if (/^\d/.test(expected)) {
      expect(`${told.grpc} ${told.refusal}`).toBe(expected);
      expect(reached).toEqual([]);
    } else {
      expect(told).toMatchObject({ grpc: 0, refusal: null });
      expect(reached.join()).toBe(expected);
    }
  });

  it('and leaves the gateway alive', async () => {
    const { status } = await scene.gateway.health('/livez');
    expect(status).toBe(200);
  });

  it.each([
    ['no te', ['content-type', 'application/grpc']],
    ['no type', ['te', 'trailers']],
    ['gRPC-Web', ['te', 'trailers', 'content-type', 'application/grpc-web']],
    ['JSON', ['te', 'trailers', 'content-type', 'application/grpc+json']],
  ])('or is no call: %s', async (_, fields) => {
    const pseudo = head('/qdrant.Points/Query').slice(0, 8);
    const sent = [...pseudo, ...fields, 'api-key', scene.key('own')];
    const told = await ask(session, sent, frame(Buffer.alloc(0)));
    expect(told).toMatchObject({ grpc: 3, refusal: 'unreadable-request' });
  });

  it('by request trailers that bring another key changes nothing', async () => {
    scene.touched();
    const fields = [...head('/qdrant.Points/Count'), 'api-key', scene.key('reader')];
    const stream = session.request(fields as never, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'api-key': scene.key('all') }));
    const status = new Promise((resolve) =>
      stream.on('response', (told) => resolve(told['grpc-status'])),
    );
    stream.end(frame(Buffer.from('\n\x03sec')));
    expect(await status).toBe('7');
    expect(scene.touched()).toEqual([]);
    stream.destroy();
  });
});
