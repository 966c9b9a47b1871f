import type { Protocol, View } from '../operation.ts';
import { JsonView } from '../reading/json-view.ts';
import { type Edit, splice } from '../reading/splice.ts';
import { readVarint, skipValue } from '../reading/wire.ts';

/** `GET /collections`, ListCollectionsResponse: only names that may be listed. */
export function trimCollections(protocol: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  const keep = ([name]: Entry) => name !== undefined && view.mayList(name);
  if (protocol === 'grpc') return keepEntries(answer, [1], keep);
  return keepListed(answer, 'collections', ['name'], keep);
}

/** `GET /aliases`, ListAliasesResponse: only where both the alias and its collection may be

 * listed. */
export function trimAliases(protocol: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  const keep = ([alias, name]: Entry) =>
    alias !== undefined && name !== undefined && view.mayList(name) && view.mayList(alias, name);
  if (protocol === 'grpc') return keepEntries(answer, [1, 2], keep);
  return keepListed(answer, 'aliases', ['alias_name', 'collection_name'], keep);
}

/** The names that one entry of a list gives; undefined where it gives none. */
type Entry = readonly (string | undefined)[];

function keepListed(
  answer: Buffer,
  list: string,
  names: readonly string[],
  keep: (entry: Entry) => boolean,
): Uint8Array {
  const json = new JsonView(answer);
  const array = json.at('result', list);
  if (array === null) throw new TypeError(`the answer has no ${list}`);
  const { edit } = json.keepElements(array, (element) =>
    keep(names.map((name) => json.text(json.member(element, name)) ?? undefined)),
  );
  return splice(answer, [edit]);
}

/** Field 1 of the answer is its list; of each entry, these fields are names. */
function keepEntries(
  answer: Buffer,
  names: readonly number[],
  keep: (entry: Entry) => boolean,
): Uint8Array {
  const cursor = { bytes: answer, at: 0 };
  const cuts: Edit[] = [];
  while (cursor.at < answer.length) {
    const start = cursor.at;
    const tag = readVarint(cursor, answer.length);
    if (tag !== 0x0a) {
      skipValue(cursor, tag % 8, answer.length);
      continue;
    }
    const inner = { bytes: answer, at: cursor.at };
    readVarint(inner, answer.length);
    skipValue(cursor, 2, answer.length);
    const texts = textsOf(answer.subarray(inner.at, cursor.at));
    if (keep(names.map((number) => texts.get(number)))) continue;
    cuts.push({ start, end: cursor.at, bytes: new Uint8Array(0) });
  }
  return splice(answer, cuts);
}

function textsOf(entry: Buffer): Map<number, string> {
  const texts = new Map<number, string>();
  const cursor = { bytes: entry, at: 0 };
  while (cursor.at < entry.length) {
    const tag = readVarint(cursor, entry.length);
    const start = cursor.at;
    skipValue(cursor, tag % 8, entry.length);
    if (tag % 8 !== 2) continue;
    const from = { bytes: entry, at: start };
    readVarint(from, entry.length);
    texts.set(Math.floor(tag / 8), entry.toString('utf8', from.at, cursor.at));
  }
  return texts;
}
