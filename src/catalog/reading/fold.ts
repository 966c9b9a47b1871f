/**
 * A key as it reads to whoever minds no case: `CollectionName`, `COLLECTIONNAME` and
 * `collectionſame` with its long s (U+017F) are one, and so is a Kelvin sign (U+212A) and a k. It
 * folds at least what Go's encoding/json and sonic fold (encoding/json, fold.go).
 */
export function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}
