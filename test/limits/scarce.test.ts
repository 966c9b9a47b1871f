import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Others } from '../../src/limits/others.ts';
import { type Rest, tellScarcity } from '../../src/limits/scarce.ts';

/** What comes of messages that somebody else tells. */
function heardOf(...messages: readonly string[]): (readonly [string, Rest])[] {
  const listeners: ((message: string) => void)[] = [];
  const others: Others = {
    ...{ id: 'here', present: ['here'], tell: async () => undefined },
    hear: (_topic, listener) => listeners.push(listener),
  };
  const heard: (readonly [string, Rest])[] = [];
  tellScarcity(others, 'main').hear((key, rest) => heard.push([key, rest]));
  for (const message of messages) for (const listener of listeners) listener(message);
  return heard;
}

const rest = { left: 3, paidIn: 500 };
const word = (left: unknown) => JSON.stringify({ from: 'there', left });

it('hears what another process tells of a scarce count, and not what it told itself', () => {
  const own = JSON.stringify({ from: 'here', left: [['key', rest]] });
  expect(heardOf(word([['key', rest]]), own)).toEqual([['key', rest]]);
});

it('passes over what no process tells, and goes on hearing', () => {
  const forged = [
    ...['', 'x', '{', 'null', '7', '[]', '{}', '{"from":"there"}', '{"left":[]}'],
    ...[7, null, 'key', [7], [null], [['key']], [['key', null]], [[7, rest]]].map(word),
    ...[{ left: '3', paidIn: 0 }, { left: 3 }, { left: null, paidIn: 0 }].map((each) =>
      word([['key', each]]),
    ),
    '{"from":"there","left":[["key",{"left":3,"paidIn":1e999}]]}',
    word(Array(1025).fill(['key', rest])),
  ];
  for (const message of forged) expect(heardOf(message), message).toEqual([]);
  expect(heardOf(...forged, word([['key', rest]]))).toHaveLength(1);
});

it('never throws, whatever it is told', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (message) => void heardOf(message)));
  fc.assert(fc.property(fc.jsonValue(), (left) => void heardOf(word(left))));
});
