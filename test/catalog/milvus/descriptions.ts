import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Enum, type Field, MapField, type Method, Root, Service, Type } from 'protobufjs';

const client = createRequire(import.meta.url);
const entry = client.resolve('@zilliz/milvus2-sdk-node');
const packaged = join(dirname(entry), 'proto-json', 'milvus.js');
const module = client(packaged) as { readonly default?: object };

/** Milvus's protobuf descriptions, as its Node client carries them: another reader than ours. */
export const root = Root.fromJSON(
  (module.default ?? module) as Parameters<typeof Root.fromJSON>[0],
);
root.resolveAll();

/** Every call that the client describes, by its path. */
export const described: ReadonlyMap<string, Method> = new Map(
  servicesOf(root).flatMap((service) =>
    service.methodsArray.map((method) => {
      method.resolve();
      return [`/${service.fullName.slice(1)}/${method.name}`, method] as const;
    }),
  ),
);

function servicesOf(within: Root): Service[] {
  const space = within.lookup('milvus.proto.milvus') as Root;
  return space.nestedArray.filter((each) => each instanceof Service);
}

/** The description of a call's request. */
export function requestOf(path: string): Type {
  const type = described.get(path)?.resolvedRequestType;
  if (!type) throw new Error(`the client describes no ${path}`);
  return type;
}

/** A request's bytes. */
export function encode(path: string, content: Readonly<Record<string, unknown>>): Buffer {
  const type = requestOf(path);
  return Buffer.from(type.encode(type.fromObject(content)).finish());
}

/** The letters of the table for a message, as it is described. */
export function wiresOf(type: Type): string {
  const letters: string[] = [];
  for (const field of type.fieldsArray) letters[field.id - 1] = letterOf(field);
  return Array.from(letters, (letter) => letter ?? '-').join('');
}

const letters: Readonly<Record<string, string>> = {
  ...{ string: 's', bytes: 's', float: 'f', fixed32: 'f', double: 'd', fixed64: 'd' },
  ...{ int32: 'v', int64: 'v', uint32: 'v', uint64: 'v', bool: 'v' },
};

function letterOf(field: Field): string {
  if (field instanceof MapField) return 'S';
  const letter = letters[field.type] ?? (field.resolvedType instanceof Enum ? 'v' : 's');
  return field.repeated ? letter.toUpperCase() : letter;
}

/** The message that a field is, where it is one. */
export function messageIn(field: Field): Type | null {
  return field.resolvedType instanceof Type ? field.resolvedType : null;
}
