import { Malformed } from './malformed.ts';
import type { Node } from './node.ts';
import type { Mode } from './read.ts';

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

/** Where a reader stands that failed in a container and still looked for its end. */
function behind(container: Node, offset: number): number {
  const rest = /[ \t\r\n]*/y;
  rest.lastIndex = offset;
  const space = rest.exec(container.text)?.[0].length ?? 0;
  const next = container.text[offset + space];
  const closed = next === ']' || next === '}' || (container.kind === 'array' && next === ',');
  return offset + space + (closed ? 1 : 0);
}
