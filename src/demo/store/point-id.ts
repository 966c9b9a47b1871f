import type { PointId } from './point.ts';

/** The id of an unsigned integer, in the form in which ids are compared. */
export function idOfInteger(value: bigint | number): PointId {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : BigInt(value);
}

/** The canonical form of a UUID, in any of the forms in which one may be written. */
export function idOfText(text: string): string | undefined {
  const bare = /^\{(.*)\}$/.exec(text)?.[1] ?? text.replace(/^urn:uuid:/i, '');
  const hyphenated = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(bare);
  if (!hyphenated && !/^[0-9a-f]{32}$/i.test(bare)) return undefined;
  const digits = bare.replaceAll('-', '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
