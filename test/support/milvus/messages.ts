import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';

const load = createRequire(import.meta.url);
const folder = join(load.resolve('@zilliz/milvus2-sdk-node'), '..', 'proto-json');
const described = load(join(folder, 'milvus.js')) as { default: protobuf.INamespace };
const root = protobuf.Root.fromJSON(described.default);
const service = root.lookupService('milvus.proto.milvus.MilvusService');

const plain = {
  longs: String,
  enums: Number,
  defaults: true,
  arrays: true,
  bytes: Buffer,
} as const;

/** A message as plain data: whole numbers of 64 bits as text. */
export type Plain = Record<string, unknown>;

/** The bytes of a message of `milvus.proto.milvus`, or of another package by its whole name. */
export function encode(type: string, value: Plain): Buffer {
  const found = typeOf(type);
  return Buffer.from(found.encode(found.fromObject(value)).finish());
}

/** A message as a Milvus reads it: of a field that is repeated the last counts. */
export function decode(type: string, bytes: Uint8Array): Plain {
  const found = typeOf(type);
  return found.toObject(found.decode(bytes), plain) as Plain;
}

/** The types of a method's request and answer; null where the SDK knows none. */
export function methodTypes(method: string): { request: string; answer: string } | null {
  const found = service.methods[method];
  return found ? { request: found.requestType, answer: found.responseType } : null;
}

function typeOf(name: string): protobuf.Type {
  return name.includes('.')
    ? root.lookupType(name)
    : root.lookupType(`milvus.proto.milvus.${name}`);
}
