import { isScalar, type MessageField, type ScalarType, shapeOf } from './fields.ts';
import type { FieldValue, Message } from './message.ts';
import { BrokenMessage, type Cursor, read, skipField, type WireType } from './wire.ts';

type Open = Record<string, FieldValue>;

const deepest = 100;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes a message: the last of scalars counts, the pieces of a message are merged. */
export function decode(message: string, bytes: Buffer): Message {
  const decoded: Open = {};
  mergeFields(message, { bytes, at: 0 }, bytes.length, decoded, deepest);
  return decoded;
}

function mergeFields(name: string, cursor: Cursor, end: number, into: Open, depth: number): void {
  const shape = shapeOf(name);
  while (cursor.at < end) {
    const { number, wire } = read.key(cursor);
    const field = shape.byNumber.get(number);
    if (!field) {
      skipField(cursor, wire, number, depth);
      continue;
    }
    try {
      mergeField(shape.fields, field, cursor, wire, into, depth);
    } catch (error) {
      if (!(error instanceof BrokenMessage)) throw error;
      const place = `${name.slice(name.lastIndexOf('.') + 1)}.${field.oneof ?? field.name}`;
      throw new BrokenMessage(error.reason, [place, ...error.path]);
    }
  }
  if (cursor.at !== end) throw new BrokenMessage('delimited length exceeded');
}

function mergeField(
  fields: readonly MessageField[],
  field: MessageField,
  cursor: Cursor,
  wire: WireType,
  into: Open,
  depth: number,
): void {
  const { name, type, form, oneof } = field;
  if (form === 'map') return mergeEntry(field, cursor, wire, into, depth);
  if (form === 'repeated') return append(field, cursor, wire, into, depth);
  if (!isScalar(type)) {
    const before = into[name];
    const value: Open = typeof before === 'object' ? (before as Open) : {};
    mergeMessage(type, cursor, wire, value, depth);
    into[name] = value;
  } else into[name] = readScalar(type, cursor, wire);
  if (oneof === undefined) return;
  for (const other of fields) {
    if (other.oneof === oneof && other.name !== name) delete into[other.name];
  }
}

function mergeMessage(
  type: string,
  cursor: Cursor,
  wire: WireType,
  into: Open,
  depth: number,
): void {
  expectWire(wire, 'LengthDelimited');
  if (depth <= 0) throw new BrokenMessage('recursion limit reached');
  const length = Number(read.varint(cursor));
  if (length > cursor.bytes.length - cursor.at) throw new BrokenMessage('buffer underflow');
  mergeFields(type, cursor, cursor.at + length, into, depth - 1);
}

function append(
  { name, type }: MessageField,
  cursor: Cursor,
  wire: WireType,
  into: Open,
  depth: number,
): void {
  if (type === 'float') {
    into[name] = joined(into[name], readFloats(cursor, wire));
    return;
  }
  const items = (into[name] ?? []) as FieldValue[];
  into[name] = items;
  if (!isScalar(type)) {
    const item: Open = {};
    mergeMessage(type, cursor, wire, item, depth);
    items.push(item);
  } else if (type !== 'string' && wire === 'LengthDelimited') {
    const length = Number(read.varint(cursor));
    const end = cursor.at + length;
    if (end > cursor.bytes.length) throw new BrokenMessage('buffer underflow');
    while (cursor.at < end) items.push(readScalar(type, cursor, scalarWires[type]));
    if (cursor.at !== end) throw new BrokenMessage('delimited length exceeded');
  } else items.push(readScalar(type, cursor, wire));
}

function joined(before: FieldValue, more: Float32Array): Float32Array {
  if (!(before instanceof Float32Array)) return more;
  const all = new Float32Array(before.length + more.length);
  all.set(before);
  all.set(more, before.length);
  return all;
}

function readFloats(cursor: Cursor, wire: WireType): Float32Array {
  if (wire !== 'LengthDelimited') {
    return Float32Array.of(Number(readScalar('float', cursor, wire)));
  }
  const bytes = read.bytes(cursor, Number(read.varint(cursor)));
  if (bytes.length % 4 !== 0) throw new BrokenMessage('delimited length exceeded');
  // A copy, at an offset that a view of numbers may start at.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function mergeEntry(
  { name, type }: MessageField,
  cursor: Cursor,
  wire: WireType,
  into: Open,
  depth: number,
): void {
  expectWire(wire, 'LengthDelimited');
  if (depth <= 0) throw new BrokenMessage('recursion limit reached');
  const end = Number(read.varint(cursor)) + cursor.at;
  if (end > cursor.bytes.length) throw new BrokenMessage('buffer underflow');
  let key = '';
  const value: Open = {};
  while (cursor.at < end) {
    const part = read.key(cursor);
    if (part.number === 1) key = String(readScalar('string', cursor, part.wire));
    else if (part.number === 2) mergeMessage(type, cursor, part.wire, value, depth - 1);
    else skipField(cursor, part.wire, part.number, depth);
  }
  if (cursor.at !== end) throw new BrokenMessage('delimited length exceeded');
  const entries = (into[name] ?? new Map()) as Map<string, FieldValue>;
  into[name] = entries.set(key, value);
}

const scalarWires: Readonly<Record<ScalarType, WireType>> = {
  double: 'SixtyFourBit',
  float: 'ThirtyTwoBit',
  int32: 'Varint',
  int64: 'Varint',
  uint32: 'Varint',
  uint64: 'Varint',
  bool: 'Varint',
  enum: 'Varint',
  string: 'LengthDelimited',
};

function readScalar(type: ScalarType, cursor: Cursor, wire: WireType): FieldValue {
  expectWire(wire, scalarWires[type]);
  switch (type) {
    case 'string':
      return readText(read.bytes(cursor, Number(read.varint(cursor))));
    case 'double':
      return read.bytes(cursor, 8).readDoubleLE();
    case 'float':
      return read.bytes(cursor, 4).readFloatLE();
    case 'bool':
      return BigInt(read.varint(cursor)) !== 0n;
    case 'uint64':
      return read.varint(cursor);
    case 'uint32':
      return Number(BigInt.asUintN(32, BigInt(read.varint(cursor))));
    case 'int64':
      return safe(BigInt.asIntN(64, BigInt(read.varint(cursor))));
    default:
      return Number(BigInt.asIntN(32, BigInt(read.varint(cursor))));
  }
}

function readText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new BrokenMessage('invalid string value: data is not UTF-8 encoded');
  }
}

function safe(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function expectWire(wire: WireType, expected: WireType): void {
  if (wire === expected) return;
  throw new BrokenMessage(`invalid wire type: ${wire} (expected ${expected})`);
}
