/** Text that is JSON already. */
export interface RawText {
  readonly raw: string;
}

/** What can be written: a number is an integer in an object, and a float in a map or an array. */
export type Json =
  | null
  | boolean
  | string
  | number
  | bigint
  | undefined
  | RawText
  | Float32Array
  | ReadonlyMap<string, Json>
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Writes a value as JSON text; members that are undefined are left out. */
export function writeJson(value: Json): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Float32Array) return `[${Array.from(value, singleText).join(',')}]`;
  if (value instanceof Map) return members([...value].map(([key, item]) => [key, inMap(item)]));
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (isRaw(value)) return value.raw;
  return members(Object.entries(value));
}

/** A number of 32 bits, in as few digits as tell it from its neighbours. */
export function single(value: number): RawText {
  return { raw: singleText(value) };
}

/** A number of 64 bits that is a float also where it is whole. */
function double(value: number): RawText {
  return { raw: doubleText(value) };
}

function members(entries: readonly (readonly [string, Json])[]): string {
  const written = entries.flatMap(([key, item]) =>
    item === undefined ? [] : `${JSON.stringify(key)}:${writeJson(item)}`,
  );
  return `{${written.join(',')}}`;
}

function inMap(value: Json): Json {
  if (typeof value === 'number') return double(value);
  return Array.isArray(value) ? value.map(inMap) : value;
}

function isRaw(value: object): value is RawText {
  return 'raw' in value && typeof value.raw === 'string';
}

function doubleText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${value}.0`;
  return String(value).replace('e+', 'e');
}

function singleText(value: number): string {
  if (Number.isInteger(value)) return doubleText(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text).replace('e+', 'e');
  }
  return String(Number(value.toPrecision(9))).replace('e+', 'e');
}
