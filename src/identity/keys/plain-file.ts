import { isWord } from '../word.ts';
import type { KeyEntry } from './entry.ts';
import { isAddressBlock } from './sources.ts';

/** An entry of a key file, and where it stands: from its first line to behind its last. */
export interface PlainEntry {
  readonly entry: KeyEntry;
  readonly start: number;
  readonly end: number;
}

const head = /(?:#.*\n|\n)*keys:\n/y;
const between = /(?: *#.*\n|\n)*/y;
/** An entry as `entryText` writes it: its fields in this order, each on a line, lists in blocks. */
const form = new RegExp(
  [
    ' {2}- id: (.+)\\n {4}name: (.+)\\n {4}roles:\\n((?: {6}- .+\\n)+)(?: {4}upstream: (.+)\\n)?',
    ' {4}hash: sha256:([0-9a-f]{64})\\n(?: {4}created: (.+)\\n)?(?: {4}expires: (.+)\\n)?',
    '(?: {4}revoked: (.+)\\n)?(?: {4}sources:\\n((?: {6}- .+\\n)+))?',
    '(?: {4}labels:\\n((?: {6}[^ ].*\\n)+))?(?: {4}replaces: (.+)\\n)?( {4}imported: true\\n)?',
    '(?: {4}createdBy: (.+)\\n)?(?: {4}revokedBy: (.+)\\n)?',
  ].join(''),
  'y',
);

/**
 * The entries of a key file that stands as the commands write it. Null for any other text, which
 * only a YAML parser may read: that takes twenty times as long, which counts with a hundred
 * thousand keys.
 */
export function readPlainFile(text: string): readonly PlainEntry[] | null {
  head.lastIndex = 0;
  if (!head.test(text)) return null;
  const scalars = makeScalars();
  const entries: PlainEntry[] = [];
  for (let at = head.lastIndex; ; ) {
    between.lastIndex = at;
    between.test(text);
    const start = Math.max(at, between.lastIndex);
    if (start === text.length) return entries.length > 0 && isDistinct(entries) ? entries : null;
    form.lastIndex = start;
    const found = form.exec(text);
    const entry = found && entryOf(found, scalars);
    if (!entry) return null;
    at = form.lastIndex;
    entries.push({ entry, start, end: at });
  }
}

type Scalars = ReturnType<typeof makeScalars>;

/** The values of an entry: undefined stands for what is not there, null for what is not of the
 * form. */
function valuesIn(found: readonly (string | undefined)[], { word, time, list, map }: Scalars) {
  return {
    id: wordOf(found[1] ?? ''),
    // Hardly two keys share a name: what others are called is not looked up.
    name: wordOf(found[2] ?? ''),
    roles: list(found[3]),
    upstream: word(found[4]),
    hash: own(found[5] ?? ''),
    created: time(found[6]),
    expires: time(found[7]),
    revoked: time(found[8]),
    sources: list(found[9]),
    labels: map(found[10]),
    replaces: word(found[11]),
    imported: found[12] !== undefined,
    createdBy: word(found[13]),
    revokedBy: word(found[14]),
  };
}

/** Null where any value is not of the form. */
function entryOf(found: readonly (string | undefined)[], scalars: Scalars): KeyEntry | null {
  const values = valuesIn(found, scalars);
  const { id, name, roles, upstream, sources, labels, replaces } = values;
  const { created, expires, revoked, createdBy, revokedBy } = values;
  if (!id || !name || !roles || upstream === null || replaces === null) return null;
  if (created === null || expires === null || revoked === null) return null;
  if (createdBy === null || revokedBy === null) return null;
  if (sources === null || labels === null || !isId.test(id)) return null;
  if (sources?.every(isAddressBlock) === false) return null;
  if (replaces !== undefined && !isId.test(replaces)) return null;
  return {
    id,
    name,
    roles,
    hash: values.hash,
    upstream: upstream ?? null,
    created: created ?? null,
    expires: expires ?? null,
    revoked: revoked ?? null,
    sources: sources ?? nothing,
    labels: labels ?? noLabels,
    replaces: replaces ?? null,
    imported: values.imported,
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(revokedBy === undefined ? {} : { revokedBy }),
  };
}

const isId = /^[0-9A-Za-z]{1,32}$/;
const iso = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const nothing: readonly string[] = Object.freeze([]);
const noLabels = Object.freeze({});

/** Readers of values, each of which keeps one copy of what stands in many entries. */
function makeScalars() {
  const word = remembering(wordOf);
  const list = remembering((text) => {
    const items = text.split('\n').slice(0, -1);
    return allRead(items.map((item) => word(item.slice('      - '.length))));
  });
  const map = remembering((text) => {
    const pairs = text.split('\n').slice(0, -1).map(pairOf);
    const names = new Set(pairs.map(([name]) => name));
    const values = allRead(pairs.map(([, value]) => word(value)));
    if (!values || names.size < pairs.length || names.has('__proto__')) return null;
    if (![...names].every((name) => /^[A-Za-z][\w.-]{0,62}$/.test(name) && wordOf(name)))
      return null;
    return Object.freeze(Object.fromEntries(pairs.map(([name], at) => [name, values[at] ?? ''])));
  });
  const day = remembering(dayOf);
  const time = (text: string | undefined) => (text === undefined ? undefined : timeOf(text, day));
  return { word, list, map, day, time };
}

function pairOf(line: string): [string, string] {
  const at = line.indexOf(': ');
  return at === -1 ? ['', ''] : [line.slice(6, at), line.slice(at + 2)];
}

function allRead(items: readonly (string | null | undefined)[]): readonly string[] | null {
  return items.every((item) => typeof item === 'string') ? Object.freeze(items as string[]) : null;
}

function remembering<T>(read: (text: string) => T | null) {
  const known = new Map<string, T | null>();
  return (text: string | undefined): T | null | undefined => {
    if (text === undefined) return undefined;
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = read(text);
    if (known.size < 4096) known.set(own(text), value);
    return value;
  };
}

/** A text that YAML reads as this very text: no number, no `true`, nothing with a meaning. */
function wordOf(written: string): string | null {
  const [, inside] = /^"([^"\\\p{C}]*)"$/u.exec(written) ?? [];
  if (inside !== undefined) return isWord(inside) ? own(inside) : null;
  if (!/^[A-Za-z0-9][\w./:-]*(?: [\w./-]+)*$/.test(written)) return null;
  if (/:(?: |$)/.test(written)) return null;
  const meant = /^(?:null|true|false)$/i.test(written) || !Number.isNaN(Number(written));
  return meant || !isWord(written) ? null : own(written);
}

/** When a day begins, in milliseconds since 1970; null for no day. */
function dayOf(written: string): number | null {
  const time = Date.parse(`${written}T00:00:00.000Z`);
  // The parser takes the 30th of February for the 2nd of March.
  return new Date(time).getUTCDate() === Number(written.slice(8)) ? time : null;
}

/** A time as it is written, of which only the day is left to a parser. */
function timeOf(written: string, dayStart: Scalars['day']): number | null {
  if (!iso.test(written)) return null;
  const start = dayStart(written.slice(0, 10));
  if (typeof start !== 'number') return null;
  const digit = (at: number) => written.charCodeAt(at) - 48;
  const seconds =
    (digit(11) * 10 + digit(12)) * 3600 +
    (digit(14) * 10 + digit(15)) * 60 +
    (digit(17) * 10 + digit(18));
  return start + seconds * 1000 + digit(20) * 100 + digit(21) * 10 + digit(22);
}

/** Ids are shorter than hashes, so that one set can hold both. */
function isDistinct(entries: readonly PlainEntry[]): boolean {
  const seen = new Set<string>();
  for (const { entry } of entries) seen.add(entry.id).add(entry.hash);
  return seen.size === entries.length * 2;
}

const scratch = Buffer.alloc(384);

/** A copy, without a new buffer where there is room: a slice would keep the whole file in
 * memory. */
function own(slice: string): string {
  const { length } = slice;
  // A character becomes at most three bytes, and each one only in plain ASCII.
  const plain = length * 3 <= scratch.length && scratch.write(slice) === length;
  return plain ? scratch.toString('latin1', 0, length) : Buffer.from(slice).toString();
}
