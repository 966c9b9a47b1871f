import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openScene, type Scene, type Spoken, speak } from './scene.ts';
import { wireCases } from './wire-cases.ts';

const atOnce = 12;
const heard = new Map<string, Spoken>();
let scene: Scene;
let touches: ReturnType<Scene['touched']>;

beforeAll(async () => {
  scene = await openScene();
  const left = [...wireCases];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [name, wire] = next;
      heard.set(name, await speak(scene, wire(scene.key('own'), scene.key('nothing'))));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  touches = scene.touched();
});

afterAll(() => scene.close());

describe('an attack on an HTTP/1.1 connection is refused or harmless', () => {
  it.each(wireCases)('%s', (name, _, expected) => {
    const spoken = heard.get(name) as Spoken;
    const { status, refusal, request } = spoken;
    const told = status === 0 ? 'cut off' : `${status}${refusal === null ? '' : ` ${refusal}`}`;
    expect(told).toBe(expected);
    const reached = touches.filter(({ requestId }) => requestId === request);
    const wanted = status === 200 ? [['points.query', ['pub']]] : [];
    expect(reached.map((one) => [one.operation, [...one.collections]])).toEqual(wanted);
    if (status !== 0) expect(request).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('and none of them reached anything else', () => {
    const harmless = wireCases.filter(([, , expected]) => expected === '200');
    expect(touches.map(({ operation }) => operation)).toEqual(harmless.map(() => 'points.query'));
    expect(new Set(touches.flatMap(({ collections }) => [...collections]))).toEqual(
      new Set(['pub']),
    );
  });

  it('and the audit log tells of every one, whether it was a request or not', async () => {
    // What `shorter length` leaves over is a request of its own, of nobody.
    const told: Record<string, number> = { 'not-authenticated': 1 };
    for (const { refusal, status } of heard.values()) {
      const code = status === 0 ? 'unreadable-request' : refusal;
      if (code === null) continue;
      told[code] = (told[code] ?? 0) + 1;
    }
    const { 'unreadable-request': least = 0, ...others } = told;
    const inTheLog = () => {
      const { 'unreadable-request': unreadable, ...rest } = scene.refusals();
      expect(rest).toEqual(others);
      // Some cases send bytes behind their request that are none themselves.
      expect(unreadable).toBeGreaterThanOrEqual(least);
    };
    await vi.waitFor(inTheLog, { timeout: 10_000 });
  });
});

describe('what follows a request that was objected to, in the same bytes,', () => {
  const second = (key: string) =>
    `GET /collections/pub HTTP/1.1\r\nHost: a\r\napi-key: ${key}\r\n\r\n`;
  it.each([
    ['Host: b', 'content-length: 2'],
    ['transfer-encoding: xchunked'],
    ['transfer-encoding: identity, chunked'],
    ['content-encoding: gzip', 'content-length: 2'],
    ['upgrade: h2c', 'content-length: 2'],
    ['expect: other', 'content-length: 2'],
  ])('is not read: %s', async (...lines) => {
    const key = scene.key('own');
    const head = ['POST /collections/pub/points/query HTTP/1.1', 'Host: a', `api-key: ${key}`];
    const bytes = `${[...head, ...lines].join('\r\n')}\r\n\r\n{}${second(key)}`;
    scene.touched();
    const { answers, refusal } = await speak(scene, bytes);
    expect([answers, refusal]).toEqual([1, 'unreadable-request']);
    expect(scene.touched()).toEqual([]);
  });
});
