import type { Stretch } from '../reading/message.ts';
import { readVarint, skipValue } from '../reading/wire.ts';
import type { Mention } from './message.ts';

/** Searches that are counted of one: more than any Milvus takes (16,384 of its own accord). */
const mostCounted = 1 << 16;
/** Fields that are looked at for it in one message. */
const mostFields = 1 << 18;

/** A message whose fields are counted, and how many more may be looked at. */
interface Walk {
  readonly bytes: Buffer;
  left: number;
}

/** Where a value of it stands. */
type Place = Pick<Stretch, 'start' | 'end'>;

/**
 * How many searches a call is worth: one for each vector or id that it is asked with, as many as it
 * says (`nq`) or gives, of a hybrid search those of all within. Milvus goes by what it says, and
 * counts where that is nothing (internal/proxy/util.go, `getNq`). Left out where it is no search.
 */
export function workOf(bytes: Buffer, mentions: readonly Mention[]): number | undefined {
  const walk = { bytes, left: mostFields };
  const searches = new Map<Stretch | null, { said: number; given: number }>();
  for (const { mark, value, place } of mentions) {
    const count = counts[mark];
    if (count === undefined && mark !== 'vectors') continue;
    const search = searches.get(place.within) ?? { said: 0, given: 0 };
    searches.set(place.within, search);
    if (count === undefined) search.said = Number(value);
    else search.given += count(walk, place);
  }
  if (searches.size === 0) return undefined;
  if (walk.left === 0) return mostCounted;
  let work = 0;
  for (const { said, given } of searches.values()) work += Math.max(said, given, 1);
  return Math.min(work, mostCounted);
}

const counts: Readonly<Record<string, (walk: Walk, place: Place) => number>> = {
  /** PlaceholderGroup of common.proto: `placeholders` 1, of each its `values` 3. */
  placeholders: (walk, place) => sum(walk, fieldsIn(walk, place, 1), 3, () => 1),
  /** IDs of schema.proto: numbers 1, packed or not, or strings 2, each in an array. */
  ids: (walk, place) =>
    sum(walk, fieldsIn(walk, place, 1), 1, (one) => varintsIn(walk, one)) +
    sum(walk, fieldsIn(walk, place, 2), 1, () => 1),
};

/** What the fields of this number come to in all of these messages. */
function sum(
  walk: Walk,
  messages: readonly Place[],
  number: number,
  worth: (one: Place) => number,
) {
  let all = 0;
  for (const message of messages) {
    for (const one of fieldsIn(walk, message, number)) all += worth(one);
  }
  return all;
}

/** The values of one field: none of what is no message, which Milvus does not read either. */
function fieldsIn(walk: Walk, { start, end }: Place, wanted: number): Place[] {
  const found: Place[] = [];
  const cursor = { bytes: walk.bytes, at: start };
  try {
    for (; cursor.at < end && walk.left > 0; walk.left--) {
      const tag = readVarint(cursor, end);
      const value = { bytes: walk.bytes, at: cursor.at };
      skipValue(cursor, tag % 8, end);
      if (tag >>> 3 !== wanted) continue;
      if (tag % 8 === 2) readVarint(value, end);
      found.push({ start: value.at, end: cursor.at });
    }
  } catch {
    return [];
  }
  return found;
}

/** One number or, packed, several. */
function varintsIn({ bytes }: Walk, { start, end }: Place): number {
  let found = 0;
  for (let at = start; at < end && found < mostCounted; at++) {
    if ((bytes[at] as number) < 0x80) found++;
  }
  return found;
}
