import { stringify } from 'yaml';
import { entryRecord, type KeyEntry } from './entry.ts';

/** How the commands lay YAML out: no line is broken, lists stand in from their key. */
export const layout = { lineWidth: 0, indentSeq: true } as const;

/** An entry as an item of the list in a key file. */
export function entryText(entry: KeyEntry): string {
  return stringify({ keys: [entryRecord(entry)] }, layout).replace(/^keys:\n/, '');
}
