import type { FieldIndex } from '../store/collection.ts';
import { get, type Message, maybe } from './message.ts';
import { sectionOf } from './section.ts';

const fieldTypes = ['keyword', 'integer', 'float', 'geo', 'text', 'bool', 'datetime', 'uuid'];

/** Reads which payload index to make. */
export function fieldIndexOf(message: Message): FieldIndex {
  const type = fieldTypes[get.number(message, 'field_type')] ?? 'keyword';
  const params = maybe.child(message, 'field_index_params');
  const given = params && Object.entries(params).find(([, value]) => value !== undefined);
  if (!given) return { type, params: undefined };
  const named = given[0].replace('_index_params', '');
  const shape = `${named.charAt(0).toUpperCase()}${named.slice(1)}IndexParams`;
  const section = sectionOf(shape, given[1] as Message);
  return { type: named, params: new Map([['type', named], ...section]) };
}
