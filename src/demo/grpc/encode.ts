import { isScalar, type MessageField, type ScalarType, shapeOf } from './fields.ts';
import type { FieldValue, Message } from './message.ts';

/** Encodes a message: fields in their order, without those that have their default. */
export function encode(name: string, message: Message): Buffer {
  const parts: Buffer[] = [];
  for (const field of shapeOf(name).fields) {
    const value = message[field.name];
    if (value !== undefined) writeField(parts, field, value);
  }
  return Buffer.concat(parts);
}

function writeField(parts: Buffer[], field: MessageField, value: FieldValue): void {
  const { number, type, form, presence } = field;
  if (form === 'map') {
    for (const [key, item] of value as ReadonlyMap<string, Message>) {
      const entry: Buffer[] = [];
      writeField(entry, { ...entryKey, presence: false }, key);
      writeDelimited(entry, 2, encode(type, item));
      writeDelimited(parts, number, Buffer.concat(entry));
    }
  } else if (form === 'repeated') writeList(parts, field, value);
  else if (!isScalar(type)) writeDelimited(parts, number, encode(type, value as Message));
  else if (presence || !isDefault(value)) {
    parts.push(key(number, scalarWires[type]), scalar(type, value));
  }
}

const entryKey: MessageField = {
  number: 1,
  name: 'key',
  type: 'string',
  form: 'single',
  presence: false,
  oneof: undefined,
};

function writeList(parts: Buffer[], { number, type }: MessageField, value: FieldValue): void {
  if (value instanceof Float32Array) {
    if (value.length > 0) writeDelimited(parts, number, bytesOf(value));
    return;
  }
  const items = value as readonly FieldValue[];
  if (!isScalar(type)) {
    for (const item of items) writeDelimited(parts, number, encode(type, item as Message));
  } else if (type === 'string') {
    for (const item of items) parts.push(key(number, 2), scalar(type, item));
  } else if (items.length > 0) {
    writeDelimited(parts, number, Buffer.concat(items.map((item) => scalar(type, item))));
  }
}

const scalarWires: Readonly<Record<ScalarType, number>> = {
  double: 1,
  float: 5,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
  bool: 0,
  enum: 0,
  string: 2,
};

function scalar(type: ScalarType, value: FieldValue): Buffer {
  if (type === 'string') {
    const bytes = Buffer.from(String(value));
    return Buffer.concat([varint(bytes.length), bytes]);
  }
  if (type === 'double') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return bytes;
  }
  if (type === 'float') {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(Number(value));
    return bytes;
  }
  return varint(typeof value === 'bigint' ? value : Number(value));
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function key(number: number, wire: number): Buffer {
  return varint(number * 8 + wire);
}

function writeDelimited(parts: Buffer[], number: number, bytes: Buffer): void {
  parts.push(key(number, 2), varint(bytes.length), bytes);
}

function bytesOf(numbers: Float32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function isDefault(value: FieldValue): boolean {
  return value === 0 || value === 0n || value === '' || value === false;
}
