import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, isSeq, parseDocument, stringify } from 'yaml';
import { entryRecord, type KeyEntry } from './entry.ts';
import { keyFileText, parseKeyFile } from './file.ts';
import { withLock } from './lock.ts';
import { realPath, replaceFile } from './replace-file.ts';

const layout = { lineWidth: 0, indentSeq: true } as const;
const emptyFile = `# API keys: what is known of each, and its SHA-256; never the key itself.
keys: []
`;

/** Adds a key to a file, which is made where it is missing. Throws `Misconfigured` where the file is
 * not good, or would not be; file system errors; `Error` where others hold the file. */
export function addKey(path: string, entry: KeyEntry): Promise<void> {
  return changed(path, (document) => {
    const keys = document.get('keys');
    if (isSeq(keys)) keys.flow = false;
    document.addIn(['keys'], document.createNode(entryRecord(entry)));
    return undefined;
  });
}

/**
 * Marks a key as revoked from a time on, in milliseconds; one revoked earlier stays so. Gives the
 * entry. Throws `Error` for an unknown id, and what `addKey` throws.
 */
export function revokeKey(path: string, id: string, at: number): Promise<KeyEntry> {
  return changed(path, (document, entries) => {
    const index = entries.findIndex((entry) => entry.id === id);
    const entry = entries[index];
    if (!entry) throw new Error(`${path} has no key ${id}; vectorgate keys list shows them`);
    if (entry.revoked !== null && entry.revoked <= at) return entry;
    document.setIn(['keys', index, 'revoked'], new Date(at).toISOString());
    return { ...entry, revoked: at };
  });
}

/** An entry as an item of the list in a key file, to be pasted. */
export function entryText(entry: KeyEntry): string {
  return stringify({ keys: [entryRecord(entry)] }, layout).replace(/^keys:\n/, '');
}

/** Comments and order stay as they are; what would not load is not written. */
async function changed<T>(
  path: string,
  change: (document: Document, entries: readonly KeyEntry[]) => T,
): Promise<T> {
  const folder = dirname(path);
  if (!existsSync(folder)) throw new Error(`${folder} does not exist; make the folder first`);
  return withLock(`${realPath(path)}.lock`, () => {
    const before = existsSync(path) ? keyFileText(path) : emptyFile;
    const entries = parseKeyFile(path, before);
    const document: Document = parseDocument(before);
    if (!isMap(document.contents)) document.contents = document.createNode({ keys: [] });
    const result = change(document, entries);
    const after = document.toString(layout);
    parseKeyFile(path, after);
    if (after !== before) replaceFile(path, after);
    return result;
  });
}
