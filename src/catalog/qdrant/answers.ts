import type { Protocol, View } from '../operation.ts';
import { JsonView } from '../reading/json-view.ts';
import { type Edit, splice } from '../reading/splice.ts';
import { readVarint, skipValue } from '../reading/wire.ts';

/** `GET /collections`, ListCollectionsResponse: only names that may be listed. */
export function trimCollections(protocol: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  if (protocol === 'grpc') return keepEntries(answer, [1], view);
  return keepListed(answer, 'collections', ['name'], view);
}

/** `GET /aliases`, ListAliasesResponse: only pairs of which both names may be listed. */
export function trimAliases(protocol: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  if (protocol === 'grpc') return keepEntries(answer, [1, 2], view);
  return keepListed(answer, 'aliases', ['alias_name', 'collection_name'], view);
}

function keepListed(
  answer: Buffer,
  list: string,
  names: readonly string[],
  view: View,
): Uint8Array {
  const json = new JsonView(answer);
  const array = json.at('result', list);
  if (array === null) throw new TypeError(`the answer has no ${list}`);
  const { edit } = json.keepElements(array, (element) =>
    names.every((name) => mayList(view, json.text(json.member(element, name)))),
  );
  return splice(answer, [edit]);
}

function mayList(view: View, name: string | null): boolean {
  return name !== null && view.mayList(name);
}

/** Field 1 of the answer is its list; of each entry, these fields are names. */
function keepEntries(answer: Buffer, names: readonly number[], view: View): Uint8Array {
  const cursor = { bytes: answer, at: 0 };
  const cuts: Edit[] = [];
  while (cursor.at < answer.length) {
    const start = cursor.at;
    const tag = readVarint(cursor, answer.length);
    if (tag !== 0x0a) {
      skipValue(cursor, tag % 8, answer.length);
      continue;
    }
    const length = readVarint(cursor, answer.length);
    const entry = answer.subarray(cursor.at, cursor.at + length);
    cursor.at += length;
    const texts = textsOf(entry);
    if (names.every((number) => mayList(view, texts.get(number) ?? null))) continue;
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
