import { check, type Document, problemAt, readDocument } from '../../document.ts';
import { Misconfigured, type Problem } from '../../problem.ts';
import { isFileError, readSecretFile } from '../../secret-file.ts';
import { type KeyEntry, keyFileSchema } from './entry.ts';
import { readPlainFile } from './plain-file.ts';

/** Reads a key file, whole or not at all. Throws `Misconfigured` with everything wrong in it. */
export function readKeyFile(path: string): readonly KeyEntry[] {
  return parseKeyFile(path, keyFileText(path));
}

/** What a key file's text says; an empty text says that there are no keys. Throws
 * `Misconfigured`. */
export function parseKeyFile(path: string, text: string): readonly KeyEntry[] {
  return readPlainFile(text)?.map(({ entry }) => entry) ?? parseYaml(path, text);
}

function parseYaml(path: string, text: string): readonly KeyEntry[] {
  const document = readDocument(path, text);
  const { keys } = check(document, keyFileSchema, document.data ?? { keys: [] });
  const problems = [...repeated(document, keys, 'id'), ...repeated(document, keys, 'hash')];
  if (problems.length > 0) throw new Misconfigured(problems);
  return keys;
}

/** A key file's text. Throws `Misconfigured` where it is missing, unreadable or open to others. */
export function keyFileText(path: string): string {
  try {
    return readSecretFile(path).toString('utf8');
  } catch (error) {
    const at = { file: path, line: null, path: '' };
    if (isFileError(error, 'ENOENT')) {
      const remedy = `Make the first key: vectorgate keys create --name N --role R --keys ${path}`;
      throw new Misconfigured([{ ...at, message: 'the key file does not exist', remedy }]);
    }
    const [message = '', remedy = 'Give it to the user that runs the gateway'] = String(
      (error as Error).message,
    ).split('; ', 2);
    throw new Misconfigured([{ ...at, message, remedy }]);
  }
}

function repeated(
  document: Document,
  keys: readonly KeyEntry[],
  field: 'id' | 'hash',
): readonly Problem[] {
  const first = new Map<string, KeyEntry>();
  return keys.flatMap((key, index) => {
    const before = first.get(key[field]);
    first.set(key[field], before ?? key);
    if (!before) return [];
    const message = `the same ${field} as that of ${before.name} (${before.id})`;
    return [problemAt(document, ['keys', index, field], message, 'Remove one of the two')];
  });
}
