/** A value of a field; integers beyond 2^53 are bigints. */
export type FieldValue =
  | number
  | bigint
  | boolean
  | string
  | Float32Array
  | Message
  | readonly FieldValue[]
  | ReadonlyMap<string, FieldValue>
  | undefined;

/** A message: its fields by name, without those that were not sent. */
export interface Message {
  readonly [name: string]: FieldValue;
}

/** Readers of a message's fields, with proto3's defaults. */
export const get = {
  text: (message: Message, name: string): string => maybe.text(message, name) ?? '',
  number: (message: Message, name: string): number => maybe.number(message, name) ?? 0,
  flag: (message: Message, name: string): boolean => message[name] === true,
  floats: (message: Message, name: string): Float32Array => {
    const value = message[name];
    return value instanceof Float32Array ? value : new Float32Array(0);
  },
  list: <T extends FieldValue = Message>(message: Message, name: string): readonly T[] => {
    const value = message[name];
    return Array.isArray(value) ? (value as readonly T[]) : [];
  },
  map: (message: Message, name: string): ReadonlyMap<string, Message> => {
    const value = message[name];
    return value instanceof Map ? value : new Map();
  },
};

/** Readers of fields that may be missing. */
export const maybe = {
  text: (message: Message, name: string): string | undefined => {
    const value = message[name];
    return typeof value === 'string' ? value : undefined;
  },
  number: (message: Message, name: string): number | undefined => {
    const value = message[name];
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
  },
  flag: (message: Message, name: string): boolean | undefined => {
    const value = message[name];
    return typeof value === 'boolean' ? value : undefined;
  },
  child: (message: Message, name: string): Message | undefined => {
    const value = message[name];
    return typeof value === 'object' && !isCollected(value) ? value : undefined;
  },
};

function isCollected(
  value: object,
): value is Float32Array | readonly FieldValue[] | ReadonlyMap<string, FieldValue> {
  return Array.isArray(value) || value instanceof Map || value instanceof Float32Array;
}
