import { notValid } from './credential.ts';
import type { Identity } from './identity.ts';
import { isObject } from './token-json.ts';

/** What a token may say of one collection. */
const words = ['r', 'rw', 'prw'] as const;
type Word = (typeof words)[number];

/** What a token may say of all collections, and the role it gives. */
const everywhere: ReadonlyMap<unknown, string> = new Map([
  ['r', 'qdrant:global-r'],
  ['m', 'qdrant:global-m'],
]);

/**
 * What the `access` of a Qdrant token gives: a role for each word that it uses, and for each word
 * the collections it is said of, as the claim `collections_r`, `collections_rw` or
 * `collections_prw`. A policy says what the role may do. Throws `Refusal` not-authenticated for
 * whatever Qdrant would read otherwise, or by chance.
 */
export function accessOf(access: unknown): Pick<Identity, 'roles' | 'claims'> {
  if (access === undefined || access === null) throw notValid('the token does not say its access');
  const global = everywhere.get(access);
  if (global !== undefined) return { roles: Object.freeze([global]), claims: Object.freeze({}) };
  if (!Array.isArray(access)) throw notValid('the access is neither r nor m nor a list');
  const named = new Map<string, Word>();
  for (const entry of access) {
    const { collection, word } = entryOf(entry);
    if (named.has(collection)) throw notValid('the access names a collection twice');
    named.set(collection, word);
  }
  const byWord = Map.groupBy(named.keys(), (collection) => named.get(collection) as Word);
  const used = words.filter((word) => byWord.has(word));
  return {
    roles: Object.freeze(used.map((word) => `qdrant:${word}`)),
    claims: Object.freeze(
      Object.fromEntries(
        used.map((word) => [`collections_${word}`, Object.freeze(byWord.get(word) ?? [])]),
      ),
    ),
  };
}

function entryOf(entry: unknown): { readonly collection: string; readonly word: Word } {
  if (!isObject(entry)) throw notValid('an entry of the access is no object');
  const stray = Object.keys(entry).some((key) => key !== 'collection' && key !== 'access');
  if (stray) throw notValid('an entry of the access has a member beside collection and access');
  const { collection, access } = entry;
  if (typeof collection !== 'string' || collection === '' || collection.length > 255) {
    throw notValid('an entry of the access names no collection');
  }
  const word = words.find((each) => each === access);
  if (word === undefined) throw notValid('an entry of the access grants neither r, rw nor prw');
  return { collection, word };
}
