import { type DerValue, derOnly, derTag, derValues } from './der-reader.ts';
import { oidText } from './object-identifier.ts';

/** Takes one value after the other from a sequence. */
export interface Fields {
  /** The next value, which must have this tag. Throws `RangeError`. */
  take(tag: number): DerValue;
  /** The next value where it has one of these tags; else null, and nothing is taken. */
  maybe(...tags: readonly number[]): DerValue | null;
  readonly ended: boolean;
}

/** The values of a sequence, in order. Throws `RangeError` where they are not DER. */
export function fieldsOf(sequence: DerValue): Fields {
  const rest = [...derValues(sequence.content)].reverse();
  const maybe = (...tags: readonly number[]) => {
    const next = rest.at(-1);
    if (!next || !tags.includes(next.tag)) return null;
    rest.pop();
    return next;
  };
  return {
    maybe,
    take: (tag) => {
      const value = maybe(tag);
      if (!value) throw new RangeError('a field is missing');
      return value;
    },
    get ended() {
      return rest.length === 0;
    },
  };
}

/** A point in time, in milliseconds since 1970 (RFC 5280, 4.1.2.5). Throws `RangeError`. */
export function timeOf(fields: Fields): number {
  const value = fields.maybe(0x17) ?? fields.take(0x18);
  const text = value.content.toString('latin1');
  const year = value.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(year) ?? [];
  const [y = Number.NaN, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts.map(Number);
  const time = Date.UTC(y, mo - 1, d, h, mi, s);
  if (Number.isNaN(time)) throw new RangeError('a time that is none');
  return time;
}

/** Extensions by their object identifiers in dots. Throws `RangeError` where one comes twice. */
export function extensionsOf(list: DerValue): Map<string, { critical: boolean; value: Buffer }> {
  const found = new Map<string, { critical: boolean; value: Buffer }>();
  for (const each of derValues(derOnly(list.whole, derTag.sequence).content)) {
    const fields = fieldsOf(each);
    const oid = oidText(fields.take(derTag.oid).content);
    const critical = fields.maybe(derTag.boolean)?.content[0] === 0xff;
    if (found.has(oid)) throw new RangeError(`the extension ${oid} comes twice`);
    found.set(oid, { critical, value: fields.take(derTag.octets).content });
  }
  return found;
}
