import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openScene, openSession, type Scene } from './scene.ts';
import { streamCases } from './stream-cases.ts';

let scene: Scene;
let session: ClientHttp2Session;

beforeAll(async () => {
  scene = await openScene();
});

afterAll(() => scene.close());

describe('an attack by the head of an HTTP/2 request is refused or harmless', () => {
  it.each(streamCases)('%s', async (_, fields, expected) => {
    session = openSession(scene, 'http');
    scene.touched();
    const sent = fields(scene.key('own'), scene.key('nothing'));
    const told = await ask(session, sent, Buffer.from('{"query":1}'));
    session.destroy();
    expect(`${told.status}${told.refusal === null ? '' : ` ${told.refusal}`}`).toBe(expected);
    const reached = scene.touched().flatMap(({ collections }) => [...collections]);
    expect(reached).toEqual(expected === '200' ? ['pub'] : []);
  });
});
