/**
 * A key as it reads to whoever minds no case: `CollectionName`, `COLLECTIONNAME` and
 * `collectionſame` with its long s (U+017F) are one, and so is a Kelvin sign (U+212A) and a k. It
 * folds at least what Go's encoding/json and sonic fold (encoding/json, fold.go; sonic lowers a key
 * by strings.ToLower, to which a dotted capital I, U+0130, is an i).
 */
export function folded(key: string): string {
  return key.replaceAll('\u0130', 'i').toUpperCase().toLowerCase();
}
