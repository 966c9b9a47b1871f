import type { ClientHttp2Session } from 'node:http2';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callRequest } from '../../fuzz/support/calls.ts';
import type { Asked } from '../../fuzz/support/gate.ts';
import { restRequest } from '../../fuzz/support/requests.ts';
import { frame } from './call-cases.ts';
import { ask, openScene, openSession, type Scene, speak } from './scene.ts';

const numRuns = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 2000) / 10);
const who = ['reader', 'own', 'denied'] as const;
/** These reach all that they show, which is trimmed. */
const lists = /^(collections\.list|aliases\.list|service\.(telemetry|metrics|issues)|cluster\.)/;

let scene: Scene;
let sessions: Record<'http' | 'grpc', ClientHttp2Session>;

beforeAll(async () => {
  scene = await openScene();
  sessions = { http: openSession(scene, 'http'), grpc: openSession(scene, 'grpc') };
});

afterAll(async () => {
  for (const session of Object.values(sessions)) session.destroy();
  await scene.close();
});

/** Only what an HTTP client can write at all. */
const writable = (target: string) => /^[\x21-\x7e]+$/.test(target);

async function overHttp1({ method, target, fields, body }: Asked, key: string): Promise<unknown> {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: a', `api-key: ${key}`];
  for (let at = 0; at < fields.length; at += 2) lines.push(`${fields[at]}: ${fields[at + 1]}`);
  const head = `${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return speak(scene, Buffer.concat([Buffer.from(head, 'latin1'), body]));
}

async function overHttp2(asked: Asked, key: string): Promise<unknown> {
  const { protocol, method, target, fields, body } = asked;
  const pseudo = [
    ':method',
    method,
    ':path',
    target,
    ':scheme',
    'https',
    ':authority',
    'localhost',
  ];
  const more = protocol === 'grpc' ? ['te', 'trailers'] : [];
  const bytes = protocol === 'grpc' ? frame(body) : body.length > 0 ? body : null;
  return ask(sessions[protocol], [...pseudo, ...fields, ...more, 'api-key', key], bytes);
}

describe('what the database touched was judged in the log, and never the secret', () => {
  it.each([
    ['HTTP/1.1', restRequest, overHttp1],
    ['HTTP/2', restRequest, overHttp2],
    ['gRPC', callRequest, overHttp2],
  ])('over %s', { timeout: 300_000 }, async (_, request, send) => {
    scene.touched();
    const asked = request.filter(({ target }) => writable(target));
    const holds = async (one: Asked, principal: (typeof who)[number]) => {
      await send(one, scene.key(principal));
    };
    await fc.assert(fc.asyncProperty(asked, fc.constantFrom(...who), holds), { numRuns });
    const touches = scene.touched();
    const intents = scene.gateway.audit().filter(({ kind }) => kind === 'intent');
    const judged = new Map(intents.map((one) => [one.request, one.collections ?? []]));
    expect(touches.length).toBeGreaterThan(numRuns / 20);
    for (const { operation, collections, requestId } of touches) {
      const known = judged.get(requestId)?.map(({ resolved }) => resolved);
      expect(known, `${operation} has an intent`).toBeDefined();
      if (lists.test(operation)) continue;
      // Of an alias of that name the database tells only that there is one.
      const reached = [...collections].filter(
        (name) => operation !== 'collections.create' || known?.includes(name),
      );
      expect(known, operation).toEqual(expect.arrayContaining(reached));
      expect(reached, operation).not.toContain('sec');
    }
  });
});
