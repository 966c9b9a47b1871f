import { type DerValue, derTag, derValues } from './der-reader.ts';
import { oidText } from './object-identifier.ts';

/** Names of attribute types (RFC 4514, section 3); any other type is written in dots. */
const attributes: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
};
const utf8 = 0x0c;
const printable = 0x13;
const ia5 = 0x16;

/**
 * A name as RFC 4514 writes it: the last part first, `CN=search,OU=rag,O=Example`. A type without a
 * name there, and a value that is no UTF8String, PrintableString or IA5String, stand in hex.
 * Throws `RangeError` where the name is not DER, or where a value holds a control character.
 */
export function distinguishedNameText(name: DerValue): string {
  const parts = [...derValues(name.content)].map(relativeName);
  return parts.reverse().join(',');
}

function relativeName(set: DerValue): string {
  if (set.tag !== derTag.set) throw new RangeError('a part of a name that is no set');
  return [...derValues(set.content)].map(attributeText).join('+');
}

function attributeText(attribute: DerValue): string {
  const [type, value, more] = [...derValues(attribute.content)];
  if (!type || !value || more || attribute.tag !== derTag.sequence || type.tag !== derTag.oid) {
    throw new RangeError('an attribute that is none');
  }
  const oid = oidText(type.content);
  const label = attributes[oid];
  const text = label === undefined ? null : plainText(value);
  if (text === null) return `${label ?? oid}=#${value.whole.toString('hex')}`;
  return `${label}=${escaped(text)}`;
}

function plainText({ tag, content }: DerValue): string | null {
  if (tag !== utf8 && tag !== printable && tag !== ia5) return null;
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  if (tag !== utf8 && /[^ -~]/.test(text)) throw new RangeError('a name outside its alphabet');
  if (/\p{Cc}/u.test(text)) throw new RangeError('a control character in a name');
  return text;
}

function escaped(text: string): string {
  return text
    .replace(/[\\"+,;<>]/g, (character) => `\\${character}`)
    .replace(/^[ #]/, (character) => `\\${character}`)
    .replace(/(?<=.) $/, '\\ ');
}
