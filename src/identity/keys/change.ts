import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { entryRecord, type KeyEntry } from './entry.ts';
import { entryText, layout } from './entry-text.ts';
import { keyFileText, parseKeyFile } from './file.ts';
import { withLock } from './lock.ts';
import { KeyObjection } from './objection.ts';
import { readPlainFile } from './plain-file.ts';
import { realPath, replaceFile } from './replace-file.ts';

const emptyFile = `# API keys: what is known of each, and its SHA-256; never the key itself.
keys: []
`;

/** Adds a key to a file, which is made where it is missing. Throws `Misconfigured` where the file
 * is not good, or would not be; file system errors; `Error` where others hold the file. */
export function addKey(path: string, entry: KeyEntry): Promise<void> {
  return changed(path, () => ({ result: undefined, added: entry }));
}

/**
 * Marks a key as revoked from a time on, in milliseconds; one revoked earlier stays so. Gives the
 * entry. Throws `KeyObjection` for an unknown id, and what `addKey` throws.
 */
export function revokeKey(path: string, id: string, at: number, by?: string): Promise<KeyEntry> {
  return changed(path, (entries) => {
    const entry = entryNamed(path, entries, id);
    if (entry.revoked !== null && entry.revoked <= at) return { result: entry };
    const revoked = { ...entry, revoked: at, ...(by === undefined ? {} : { revokedBy: by }) };
    return { result: revoked, replaced: revoked };
  });
}

/**
 * Adds the key that takes over from another, which ends at a time, in milliseconds, or where it
 * would have ended before. `make` makes the new key's entry from that of the old one. Gives the new
 * entry. Throws `KeyObjection` for an id that is unknown or of a key that counts no more, and what
 * `addKey` throws.
 */
export function rotateKey(
  path: string,
  id: string,
  { now, ends }: { readonly now: number; readonly ends: number },
  make: (old: KeyEntry) => KeyEntry,
): Promise<KeyEntry> {
  return changed(path, (entries) => {
    const old = entryNamed(path, entries, id);
    const over = [old.revoked, old.expires].some((time) => time !== null && time <= now);
    if (over) {
      const instead = 'make a new one: vectorgate keys create';
      throw new KeyObjection('over', `${id} is revoked or expired; ${instead}`);
    }
    const added = make(old);
    return {
      result: added,
      added,
      replaced: { ...old, expires: Math.min(ends, old.expires ?? ends) },
    };
  });
}

/** What is to become of a file, and what is to be told of it. */
interface Change<T> {
  readonly result: T;
  readonly added?: KeyEntry;
  /** Takes the place of the entry with its id. */
  readonly replaced?: KeyEntry;
}

/** Comments and order stay as they are; what would not load is not written. */
async function changed<T>(
  path: string,
  change: (entries: readonly KeyEntry[]) => Change<T>,
): Promise<T> {
  const folder = dirname(path);
  if (!existsSync(folder)) throw new Error(`${folder} does not exist; make the folder first`);
  return withLock(`${realPath(path)}.lock`, () => {
    const before = existsSync(path) ? keyFileText(path) : emptyFile;
    const { result, ...wanted } = change(parseKeyFile(path, before));
    const after = rewrittenPlain(before, wanted) ?? rewrittenYaml(before, wanted);
    parseKeyFile(path, after);
    if (after !== before) replaceFile(path, after);
    return result;
  });
}

type Wanted = Omit<Change<unknown>, 'result'>;

/** Where the file stands as we write it, a line is a line; with very many keys a YAML parser takes
 * minutes. */
function rewrittenPlain(before: string, { added, replaced }: Wanted): string | null {
  const plain = readPlainFile(before);
  if (!plain) return null;
  const old = plain.find(({ entry }) => entry.id === replaced?.id);
  const text =
    old && replaced
      ? before.slice(0, old.start) + entryText(replaced) + before.slice(old.end)
      : before;
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  return added ? ended + entryText(added) : text;
}

function rewrittenYaml(before: string, { added, replaced }: Wanted): string {
  const document: Document = parseDocument(before);
  if (!isMap(document.contents)) document.contents = document.createNode({ keys: [] });
  const keys = document.get('keys');
  if (replaced && isSeq(keys)) {
    const at = keys.items.findIndex((item) => isMap(item) && item.get('id') === replaced.id);
    for (const field of ['expires', 'revoked'] as const) {
      const time = replaced[field];
      if (time !== null) document.setIn(['keys', at, field], new Date(time).toISOString());
    }
    if (replaced.revokedBy) document.setIn(['keys', at, 'revokedBy'], replaced.revokedBy);
  }
  if (added) {
    if (isSeq(keys)) keys.flow = false;
    document.addIn(['keys'], document.createNode(entryRecord(added)));
  }
  return document.toString(layout);
}

function entryNamed(path: string, entries: readonly KeyEntry[], id: string): KeyEntry {
  const entry = entries.find((each) => each.id === id);
  if (!entry) {
    throw new KeyObjection(
      'unknown',
      `${path} has no key of that id; vectorgate keys list shows them`,
    );
  }
  return entry;
}
