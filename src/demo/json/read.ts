import { itemsOf } from './items.ts';
import { Malformed } from './malformed.ts';
import { type Node, numberOf } from './node.ts';

/**
 * How a value is read: `live` from the text, so that errors have a position; `content` from a
 * buffered copy; `value` from a copy whose objects keep the last of equal keys.
 */
export type Mode = 'live' | 'content' | 'value';

/** Reads a value out of a node, or throws `Malformed`. */
export type Read<T> = (node: Node, mode: Mode) => T;

/** Readers of values that hold no others. */
export const scalars = {
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

/** Reads the first of several forms that fits. */
export function firstOf<T>(message: string, ...reads: readonly Read<T>[]): Read<T> {
  return (node, mode) => {
    for (const read of reads) {
      try {
        return read(node, buffered(node, mode));
      } catch (error) {
        if (!(error instanceof Malformed)) throw error;
      }
    }
    throw new Malformed(message);
  };
}

/** Reads a value, or `null` as nothing. */
export function nullable<T>(read: Read<T>): Read<T | undefined> {
  return (node, mode) => (node.kind === 'null' ? undefined : read(node, mode));
}

/** Reads what another reader reads, and makes something of it. */
export function mapped<T, U>(read: Read<T>, make: (value: T) => U): Read<U> {
  return (node, mode) => make(read(node, mode));
}

/** The mode of what is read from a buffered copy; a copy cannot be made of what is too deep. */
export function buffered(node: Node, mode: Mode): Mode {
  if (node.tooDeep !== undefined) throw new Malformed('recursion limit exceeded', node.tooDeep);
  return mode === 'live' ? 'content' : mode;
}

/** Reads a part of a container; an error without a position gets that of the reading. */
export function settled<T>(container: Node, offset: number, mode: Mode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed && mode === 'live') error.offset ??= behind(container, offset);
    throw error;
  }
}

/** An error at an offset, if offsets are known. */
export function at(mode: Mode, offset: number, message: string): Malformed {
  return new Malformed(message, mode === 'live' ? offset : undefined);
}

/** The error of a value of another type than the expected one. */
export function unexpected(node: Node, expected: string, mode: Mode): Malformed {
  const opened = node.kind === 'array' || node.kind === 'object';
  const message = `invalid type: ${described(node)}, expected ${expected}`;
  return at(mode, opened ? node.start : node.end, message);
}

function scalar<T>(expected: string, value: (node: Node) => T | undefined): Read<T> {
  return (node, mode) => {
    const found = value(node);
    if (found === undefined) throw unexpected(node, expected, mode);
    return found;
  };
}

function described(node: Node): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return `boolean \`${node.value}\``;
    case 'string':
      return `string ${JSON.stringify(node.value)}`;
    case 'array':
      return 'sequence';
    case 'object':
      return 'map';
    default: {
      const value = numberOf(node.raw);
      return `${typeof value === 'bigint' ? 'integer' : 'floating point'} \`${value}\``;
    }
  }
}

/** Where a reader stands that failed in a container and still looked for its end. */
function behind(container: Node, offset: number): number {
  const rest = /[ \t\r\n]*/y;
  rest.lastIndex = offset;
  const space = rest.exec(container.text)?.[0].length ?? 0;
  const next = container.text[offset + space];
  const closed = next === ']' || next === '}' || (container.kind === 'array' && next === ',');
  return offset + space + (closed ? 1 : 0);
}
