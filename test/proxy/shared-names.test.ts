import { afterEach, describe, expect, it } from 'vitest';
import { type Neighbours, type SharedNames, shareNames } from '../../src/proxy/shared-names.ts';
import type { NameKeeper } from '../../src/proxy/upstream.ts';

/** Names that tell which changes of them are under way, and a channel that anybody can speak on. */
function scene() {
  const held = new Set<object>();
  const told: string[] = [];
  let hears: (message: string) => void = () => undefined;
  const names = {
    settled: () => null,
    using: () => () => undefined,
    changing: (of: readonly string[]) => {
      const change = { of };
      held.add(change);
      return { ready: null, done: () => void held.delete(change) };
    },
  } as unknown as NameKeeper;
  const neighbours: Neighbours = {
    id: 'own',
    present: ['own', 'other'],
    claim: async () => ['own', 'other'],
    release: async () => undefined,
    tell: async (_topic, message) => void told.push(message),
    hear: (_topic, listener) => {
      hears = listener;
    },
  };
  const shared = shareNames({ names, upstream: 'main', neighbours, patience: 50, now: () => 0 });
  return { held, told, shared, hear: (message: string) => hears(message) };
}

const begin = { kind: 'begin', change: '1', from: 'other', names: ['products'] };

describe('what is told of names', () => {
  let open: SharedNames | null = null;
  const set = () => {
    const made = scene();
    open = made.shared;
    return made;
  };
  afterEach(() => open?.close());

  it.each([
    'no JSON',
    '',
    'null',
    '7',
    '[]',
    '{}',
    JSON.stringify({ ...begin, names: null }),
    JSON.stringify({ ...begin, names: [7] }),
    JSON.stringify({ ...begin, names: 'products' }),
    JSON.stringify({ ...begin, change: {} }),
    JSON.stringify({ ...begin, from: null }),
    JSON.stringify({ ...begin, kind: 'constructor' }),
  ])('holds nothing up, nor ends anything, where it is %s', (message) => {
    const { held, told, hear } = set();
    expect(() => hear(message)).not.toThrow();
    expect([held.size, told]).toEqual([0, []]);
  });

  it('is bounded, and what is beyond is not said to be ready', () => {
    const { held, told, hear } = set();
    for (let at = 0; at < 10_000; at++) hear(JSON.stringify({ ...begin, change: String(at) }));
    expect(held.size).toBe(256);
    expect(told).toHaveLength(256);
  });
});
