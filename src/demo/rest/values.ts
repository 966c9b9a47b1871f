import { unexpected } from '../json/error.ts';
import { itemsOf } from '../json/items.ts';
import { Malformed } from '../json/malformed.ts';
import { type Node, numberOf } from '../json/node.ts';
import type { Mode, Read } from '../json/read.ts';
import { buffered, settled } from '../json/reading.ts';
import type { Payload, PayloadValue, PointId } from '../store/point.ts';
import { idOfInteger, idOfText } from '../store/point-id.ts';

/** Reads a point id. */
export const pointId: Read<PointId> = (node) => {
  if (node.kind === 'number') {
    const value = numberOf(node.raw);
    if (typeof value === 'bigint' && value >= 0n) return idOfInteger(value);
  }
  const id = node.kind === 'string' ? idOfText(node.value) : undefined;
  if (id !== undefined) return id;
  const text = node.kind === 'string' ? node.value : node.text.slice(node.start, node.end);
  throw new Malformed(
    `value ${text} is not a valid point ID, ` +
      'valid values are either an unsigned integer or a UUID',
  );
};

/** Reads an object of free values. */
export const payload: Read<Payload> = (node, mode) => {
  if (node.kind !== 'object') throw unexpected(node, 'a map', mode);
  if (node.tooDeep !== undefined) buffered(node, mode);
  return new Map(node.members.map(({ key, value }) => [key, freeValue(value)]));
};

/** Reads a dense vector. */
export const denseVector: Read<Float32Array> = (node, mode) => {
  if (node.kind !== 'array') throw unexpected(node, 'a sequence', mode);
  if (node.numbers) return Float32Array.from(node.numbers);
  return Float32Array.from(
    itemsOf(node).map((item) => settled(node, item.end, mode, () => component(item, mode))),
  );
};

function component(node: Node, mode: Mode): number {
  if (node.kind !== 'number') throw unexpected(node, 'f32', mode);
  return Number(node.raw);
}

function freeValue(node: Node): PayloadValue {
  switch (node.kind) {
    case 'null':
      return null;
    case 'number':
      return numberOf(node.raw);
    case 'array':
      return itemsOf(node).map(freeValue);
    case 'object':
      return new Map(node.members.map(({ key, value }) => [key, freeValue(value)]));
    default:
      return node.value;
  }
}
