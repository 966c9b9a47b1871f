import { unreadable } from '../reading/unreadable.ts';

const longest = 255;
const grammar = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The database that a request is about which names none. */
export const defaultDatabase = 'default';

/** A name of the name table: `DATABASE/NAME`. Neither may have a slash in it. */
export function keyOf(database: string | null, name: string): string {
  return `${database ?? defaultDatabase}/${name}`;
}

/**
 * Throws `Refusal` unreadable-request where a text is not the name of a database, collection, alias
 * or partition by Milvus's own rule (internal/proxy/util.go, validateName), without what its
 * configuration may add: `[A-Za-z_][A-Za-z0-9_]{0,254}`. Milvus trims some names before it looks at
 * them; no name with a space is passed on.
 */
export function checkName(what: string, text: string): void {
  if (text.length <= longest && grammar.test(text)) return;
  const shown = JSON.stringify(text.slice(0, 64));
  throw unreadable(
    `the ${what} ${shown} must be 1 to 255 of A-Z a-z 0-9 _ and begin with a letter or _`,
  );
}
