import { unexpected } from '../json/error.ts';
import type { Read } from '../json/read.ts';

/** Reads one of several words. */
export function word<const W extends string>(...words: readonly W[]): Read<W> {
  return (node, mode) => {
    const found = words.find((known) => node.kind === 'string' && node.value === known);
    if (found === undefined) throw unexpected(node, `one of ${words.join(', ')}`, mode);
    return found;
  };
}
