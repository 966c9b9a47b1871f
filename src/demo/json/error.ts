import { Malformed } from './malformed.ts';
import { type Node, numberOf } from './node.ts';
import type { Mode } from './read.ts';

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
