import type { ArrayNode, Node } from './node.ts';
import { peek, scanScalar } from './scan.ts';

/** The items of an array; those of one that was read as plain numbers are made now. */
export function itemsOf({ text, start, items, numbers }: ArrayNode): readonly Node[] {
  if (numbers === undefined) return items;
  const cursor = { text, at: start + 1 };
  return numbers.map(() => {
    peek(cursor);
    const item = scanScalar(cursor);
    peek(cursor);
    // Over the comma, or the bracket behind the last one.
    cursor.at += 1;
    return item;
  });
}
