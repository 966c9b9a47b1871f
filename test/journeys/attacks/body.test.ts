import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aliasCases, bodyCases } from './body-cases.ts';
import { ask, openScene, openSession, type Scene, speak } from './scene.ts';

let scene: Scene;
let session: ClientHttp2Session;

beforeAll(async () => {
  scene = await openScene();
  session = openSession(scene, 'http');
});

afterAll(async () => {
  session.destroy();
  await scene.close();
});

type Told = { readonly status: number; readonly refusal: string | null };

async function overHttp1(target: string, body: Buffer): Promise<Told> {
  const head = [`POST ${target} HTTP/1.1`, 'Host: a', `api-key: ${scene.key('own')}`];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`);
  return speak(scene, Buffer.concat([bytes, body]));
}

async function overHttp2(target: string, body: Buffer): Promise<Told> {
  const pseudo = [
    ':method',
    'POST',
    ':path',
    target,
    ':scheme',
    'https',
    ':authority',
    'localhost',
  ];
  return ask(session, [...pseudo, 'api-key', scene.key('own')], body);
}

const refusals: Readonly<Record<number, string>> = {
  400: 'unreadable-request',
  403: 'not-permitted',
  409: 'unreadable-request',
};

describe.each([
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
])('over %s, a body that hides a reference', (_, send) => {
  it.each(bodyCases)('is judged or refused: %s', async (_name, path, body, expected) => {
    scene.touched();
    const told = await send(`/collections/pub/points/${path}`, Buffer.from(body));
    const reached = scene.touched().flatMap(({ collections }) => [...collections]);
    if (typeof expected === 'string') {
      expect([told.status, told.refusal]).toEqual([200, null]);
      expect(reached.sort().join()).toBe(expected);
    } else {
      expect(told.status).toBe(expected);
      expect(told.refusal).toBe(refusals[expected] ?? null);
      expect(reached).toEqual(expected === 404 ? ['pub'] : []);
    }
  });

  it.each(aliasCases)(
    'or changes an alias that is not the caller’s: %s',
    async (_name, body, expected) => {
      scene.touched();
      const told = await send('/collections/aliases', Buffer.from(body));
      expect([told.status, told.refusal]).toEqual([expected, refusals[expected]]);
      expect(scene.touched()).toEqual([]);
    },
  );

  it('in UTF-16 is refused', async () => {
    const body = Buffer.from('\ufeff{"query":1,"lookup_from":{"collection":"sec"}}', 'utf16le');
    expect((await send('/collections/pub/points/query', body)).status).toBe(400);
  });
});
