import { at, unexpected } from './error.ts';
import { itemsOf } from './items.ts';
import { type Node, numberOf } from './node.ts';
import { settled } from './reading.ts';

/**
 * How a value is read: `live` from the text, so that errors have a position; `content` from a
 * buffered copy; `value` from a copy whose objects keep the last of equal keys.
 */
export type Mode = 'live' | 'content' | 'value';

/** Reads a value out of a node, or throws `Malformed`. */
export type Read<T> = (node: Node, mode: Mode) => T;

/** Readers of values that hold no others. */
export const scalars = {
  /** What is not looked at. */
  ignored: (() => true) satisfies Read<unknown>,
  boolean: scalar('a boolean', (node) => (node.kind === 'boolean' ? node.value : undefined)),
  string: scalar('a string', (node) => (node.kind === 'string' ? node.value : undefined)),
  float: scalar('f32', (node) => (node.kind === 'number' ? Number(node.raw) : undefined)),
  /** An unsigned integer that fits a JavaScript number. */
  size: ((node, mode) => {
    const value = node.kind === 'number' ? numberOf(node.raw) : undefined;
    if (typeof value !== 'bigint') throw unexpected(node, 'usize', mode);
    if (value >= 0n) return Number(value);
    throw at(mode, node.end, `invalid value: integer \`${value}\`, expected usize`);
  }) satisfies Read<number>,
};

/** Reads a list. */
export function list<T>(read: Read<T>): Read<T[]> {
  return (node, mode) => {
    if (node.kind !== 'array') throw unexpected(node, 'a sequence', mode);
    return itemsOf(node).map((item) => settled(node, item.end, mode, () => read(item, mode)));
  };
}

/** Reads an object of any keys; the last of equal ones counts. */
export function dictionary<T>(read: Read<T>): Read<Map<string, T>> {
  return (node, mode) => {
    if (node.kind !== 'object') throw unexpected(node, 'a map', mode);
    return new Map(
      node.members.map(({ key, value }) => {
        return [key, settled(node, value.end, mode, () => read(value, mode))] as const;
      }),
    );
  };
}

function scalar<T>(expected: string, value: (node: Node) => T | undefined): Read<T> {
  return (node, mode) => {
    const found = value(node);
    if (found === undefined) throw unexpected(node, expected, mode);
    return found;
  };
}
