import type { Section } from '../store/collection.ts';
import { isPayload, type PayloadValue } from '../store/point.ts';
import { isScalar, type MessageField, shapeOf } from './fields.ts';
import type { FieldValue, Message } from './message.ts';

/** A configuration message as a section: what was sent, by the names it has in JSON too. */
export function sectionOf(type: string, message: Message): Section {
  const section = new Map<string, PayloadValue>();
  for (const field of shapeOf(type).fields) {
    const value = settingOf(field, message[field.name]);
    if (value !== undefined) section.set(field.name, value);
  }
  return section;
}

/** A section as a configuration message; what the message has no field for is left out. */
export function messageOf(type: string, section: Section): Message {
  const entries: [string, FieldValue][] = [];
  for (const field of shapeOf(type).fields) {
    const value = fieldOf(field, section.get(field.name));
    if (value !== undefined) entries.push([field.name, value]);
  }
  return Object.fromEntries(entries);
}

function settingOf({ type, form }: MessageField, value: FieldValue): PayloadValue | undefined {
  if (value === undefined || form !== 'single') return undefined;
  if (!isScalar(type)) return sectionOf(type, value as Message);
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (type === 'double' || type === 'float') return Number(value);
  // The words for enumerations differ between the interfaces; the demo has no use for them.
  return type === 'enum' ? undefined : BigInt(value as number | bigint);
}

function fieldOf({ type, form }: MessageField, value: PayloadValue | undefined): FieldValue {
  if (value === undefined || value === null || form !== 'single') return undefined;
  if (isPayload(value)) return isScalar(type) ? undefined : messageOf(type, value);
  if (!isScalar(type) || type === 'enum') return undefined;
  return Array.isArray(value) ? undefined : (value as FieldValue);
}
