import { Malformed } from './malformed.ts';
import type { ArrayNode, Member, Node, ObjectNode } from './node.ts';
import { type Cursor, peek, scanScalar, scanString } from './scan.ts';

type Container = ArrayNode | ObjectNode;

interface Open {
  readonly node: Container;
  /** The key of the member that is being read. */
  key: { readonly name: string; readonly end: number } | undefined;
}

/** How many containers may stand in one another before a reader of values gives up. */
const deepest = 127;

/** Reads a document. Nothing recurses: the depth is only noted, for those who read the values. */
export function parseDocument(text: string): Node {
  const cursor: Cursor = { text, at: 0 };
  const stack: Open[] = [];
  for (;;) {
    let node = begin(cursor, stack);
    while (node !== undefined) {
      const outer = stack.at(-1);
      if (!outer) {
        if (peek(cursor) !== undefined) throw new Malformed('trailing characters', cursor.at + 1);
        return node;
      }
      attach(outer, node);
      node = proceed(cursor, stack, outer);
    }
  }
}

/** Reads a value, or opens a container; gives the value if it is complete. */
function begin(cursor: Cursor, stack: Open[]): Node | undefined {
  const first = peek(cursor);
  if (first !== '[' && first !== '{') return scanScalar(cursor);
  const { text, at: start } = cursor;
  const numbers = first === '[' ? plainNumbers(cursor) : undefined;
  if (numbers) return { kind: 'array', text, start, end: cursor.at, items: [], numbers };
  cursor.at += 1;
  const span = { text, start, end: start };
  const node: Container =
    first === '['
      ? { ...span, kind: 'array', items: [] }
      : { ...span, kind: 'object', members: [] };
  if (stack.length >= deepest) node.tooDeep = start + 1;
  const open: Open = { node, key: undefined };
  stack.push(open);
  if (peek(cursor) === (first === '[' ? ']' : '}')) return close(cursor, stack);
  if (first === '{') open.key = readKey(cursor);
  return undefined;
}

function attach({ node, key }: Open, value: Node): void {
  node.tooDeep ??= value.tooDeep;
  if (node.kind === 'array') node.items.push(value);
  else if (key) node.members.push({ key: key.name, keyEnd: key.end, value } satisfies Member);
}

/** Goes on behind a value: closes the container, which it gives, or turns to the next value. */
function proceed(cursor: Cursor, stack: Open[], open: Open): Node | undefined {
  const array = open.node.kind === 'array';
  const next = peek(cursor);
  if (next === (array ? ']' : '}')) return close(cursor, stack);
  const what = array ? 'a list' : 'an object';
  if (next === undefined) throw new Malformed(`EOF while parsing ${what}`, cursor.at);
  if (next !== ',') {
    throw new Malformed(`expected \`,\` or \`${array ? ']' : '}'}\``, cursor.at + 1);
  }
  cursor.at += 1;
  const after = peek(cursor);
  if (after === (array ? ']' : '}')) throw new Malformed('trailing comma', cursor.at + 1);
  if (!array) open.key = readKey(cursor);
  return undefined;
}

function close(cursor: Cursor, stack: Open[]): Node | undefined {
  cursor.at += 1;
  const node = stack.pop()?.node;
  if (node) node.end = cursor.at;
  return node;
}

function readKey(cursor: Cursor): { name: string; end: number } {
  const quote = peek(cursor);
  if (quote === undefined) throw new Malformed('EOF while parsing an object', cursor.at);
  if (quote !== '"') throw new Malformed('key must be a string', cursor.at + 1);
  const name = scanString(cursor);
  const end = cursor.at;
  const colon = peek(cursor);
  if (colon === undefined) throw new Malformed('EOF while parsing an object', cursor.at);
  if (colon !== ':') throw new Malformed('expected `:`', cursor.at + 1);
  cursor.at += 1;
  return { name, end };
}

/** A vector, most likely. What cannot be read so is read again, with care, for its error. */
function plainNumbers(cursor: Cursor): readonly number[] | undefined {
  const shape = /\[[-+\d.eE,\s]{8,}\]/y;
  shape.lastIndex = cursor.at;
  const found = shape.exec(cursor.text)?.[0];
  if (found === undefined) return undefined;
  try {
    const numbers: number[] = JSON.parse(found);
    if (!numbers.every(Number.isFinite)) return undefined;
    cursor.at += found.length;
    return numbers;
  } catch {
    return undefined;
  }
}
