import { Refusal } from '../refusal.ts';

/** Lower-cases the names of a flat list of header fields, in place: name, value, name, value… */
export function lowerNames(fields: string[]): string[] {
  for (let at = 0; at < fields.length; at += 2) fields[at] = (fields[at] as string).toLowerCase();
  return fields;
}

/**
 * The one value of a header field; undefined where it is absent.
 * Throws `Refusal` unreadable-request where it is repeated: two readers could each take another.
 */
export function oneField(fields: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at] !== name) continue;
    if (value !== undefined) throw new Refusal('unreadable-request', `${name} is given twice`);
    value = fields[at + 1];
  }
  return value;
}
