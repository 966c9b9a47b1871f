import { nullable } from './alternatives.ts';
import { at, unexpected } from './error.ts';
import { itemsOf } from './items.ts';
import { Malformed } from './malformed.ts';
import type { ArrayNode, Member, Node, ObjectNode } from './node.ts';
import type { Mode, Read } from './read.ts';
import { buffered, settled } from './reading.ts';

/** A field of a struct: how it is read, and what stands for it when it is missing. */
export interface Field<T> {
  readonly read: Read<T>;
  readonly aliases: readonly string[];
  /** `none`: may be left out by key, but not in a positional array. */
  readonly missing: 'refused' | 'none' | 'default';
  readonly fallback: T | undefined;
}

/** The fields of a struct, in their order. */
export type Shape = Readonly<Record<string, Field<unknown>>>;

/** What a struct of this shape reads to. */
export type Shaped<S extends Shape> = {
  readonly [K in keyof S]: S[K] extends Field<infer T> ? T : never;
};

/** Makers of fields: what has to be there, and what may be missing. */
export const field = {
  required: <T>(read: Read<T>, ...aliases: string[]): Field<T> => {
    return { read, aliases, missing: 'refused', fallback: undefined };
  },
  optional: <T>(read: Read<T>, ...aliases: string[]): Field<T | undefined> => {
    return { read: nullable(read), aliases, missing: 'none', fallback: undefined };
  },
  /** May be null, and missing from a positional array as well. */
  spare: <T>(read: Read<T>, ...aliases: string[]): Field<T | undefined> => {
    return { read: nullable(read), aliases, missing: 'default', fallback: undefined };
  },
  /** As `spare`, with a value that stands for it. */
  defaulted: <T>(read: Read<T>, fallback: T, ...aliases: string[]): Field<T> => {
    return { read, aliases, missing: 'default', fallback };
  },
};

/** What a struct does with keys it does not know, and with arrays. */
export interface StructManner {
  /** Unknown keys are errors. */
  readonly strict?: boolean;
  /** Its parts are flattened into it: it is buffered whole, and is never an array. */
  readonly flat?: boolean;
}

/** Reads a struct from an object, or from an array of its fields in their order. */
export function struct<S extends Shape>(
  name: string,
  shape: S,
  manner: StructManner = {},
): Read<Shaped<S>> {
  const keys = new Map<string, string>();
  for (const [key, { aliases }] of Object.entries(shape)) {
    for (const known of [key, ...aliases]) keys.set(known, key);
  }
  const reading = { name, shape, keys, strict: manner.strict === true };
  return (node, mode) => {
    if (node.kind === 'object') {
      const flat = manner.flat === true && mode === 'live';
      const read = () => fromMembers(reading, node, flat ? buffered(node, mode) : mode);
      return (flat ? settledAtEnd(node, read) : read()) as Shaped<S>;
    }
    if (node.kind !== 'array' || manner.flat) throw unexpected(node, `struct ${name}`, mode);
    return fromItems(reading, node, mode) as Shaped<S>;
  };
}

interface Reading {
  readonly name: string;
  readonly shape: Shape;
  readonly keys: ReadonlyMap<string, string>;
  readonly strict: boolean;
}

function fromMembers(reading: Reading, node: ObjectNode, mode: Mode): Record<string, unknown> {
  const { shape, keys, strict } = reading;
  const found = new Map<string, unknown>();
  for (const { key, keyEnd, value } of mode === 'value' ? lastOfEach(node.members) : node.members) {
    const name = keys.get(key);
    const known = name === undefined ? undefined : shape[name];
    settled(node, known ? value.end : keyEnd, mode, () => {
      if (strict && !known) throw unknownField(key, reading);
      if (!known || name === undefined) return;
      if (found.has(name)) throw at(mode, keyEnd, `duplicate field \`${name}\``);
      if (value.tooDeep !== undefined) buffered(value, mode);
      found.set(name, known.read(value, mode));
    });
  }
  return Object.fromEntries(
    Object.entries(shape).map(([name, known]) => {
      if (found.has(name)) return [name, found.get(name)];
      if (known.missing !== 'refused') return [name, known.fallback];
      throw at(mode, node.end, `missing field \`${name}\``);
    }),
  );
}

function fromItems({ name, shape }: Reading, node: ArrayNode, mode: Mode): Record<string, unknown> {
  const items = itemsOf(node);
  const fields = Object.entries(shape);
  const count = `${fields.length} element${fields.length === 1 ? '' : 's'}`;
  if (items.length > fields.length) {
    throw at(mode, items[fields.length]?.start ?? node.end, 'trailing characters');
  }
  return Object.fromEntries(
    fields.map(([key, known], place) => {
      const item = items[place];
      if (item?.tooDeep !== undefined) buffered(item, mode);
      if (item) return [key, settled(node, item.end, mode, () => known.read(item, mode))];
      if (known.missing === 'default') return [key, known.fallback];
      const message = `invalid length ${items.length}, expected struct ${name} with ${count}`;
      throw at(mode, node.end, message);
    }),
  );
}

function unknownField(key: string, { shape }: Reading): Malformed {
  const names = Object.keys(shape).map((name) => `\`${name}\``);
  return new Malformed(`unknown field \`${key}\`, expected one of ${names.join(', ')}`);
}

function lastOfEach(members: readonly Member[]): readonly Member[] {
  return [...new Map(members.map((member) => [member.key, member])).values()];
}

function settledAtEnd<T>(node: Node, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) error.offset ??= node.end;
    throw error;
  }
}
