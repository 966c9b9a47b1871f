import type { Names } from '../../src/catalog/operation.ts';

/** A name table that never changes. */
export function namesOf(
  collections: readonly string[],
  aliases: Readonly<Record<string, string>> = {},
  ids: Readonly<Record<string, string>> = {},
): Names {
  const table = new Map(Object.entries(aliases));
  return {
    resolve: (name) => table.get(name) ?? name,
    isAlias: (name) => table.has(name),
    isCollection: (name) => collections.includes(name),
    withId: (id) => ids[id] ?? null,
  };
}
