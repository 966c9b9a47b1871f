import { JsonView, type Span } from '../reading/json-view.ts';
import { type Edit, splice } from '../reading/splice.ts';
import type { AskPlan } from './confine.ts';
import type { Lowered, LoweredSelection } from './lowered.ts';

/** Writes into each search of a REST body what it may ask for, and leaves every other byte as it
 * stands. The body has been read strictly. */
export function writeLoweredRest(
  { batch, top }: AskPlan,
  body: Buffer,
  lowered: readonly Lowered[],
): Buffer {
  const view = new JsonView(body);
  const whole = view.at();
  const array = batch ? view.at(batch.member) : null;
  const searches = array ? view.elements(array) : [whole];
  const edits = searches.flatMap((search, index) => {
    const change = lowered[index];
    return search && change ? searchEdits(view, search, change, top === true) : [];
  });
  // Insertions at the same place stay in the order in which they are made.
  return splice(
    body,
    edits.sort((one, other) => one.start - other.start),
  );
}

function searchEdits(view: JsonView, search: Span, change: Lowered, top: boolean): Edit[] {
  const member = (key: string) => view.member(search, key);
  const values = new Map<string, unknown>();
  if (change.limit !== undefined) values.set(top && member('top') ? 'top' : 'limit', change.limit);
  if (change.groupSize !== undefined) values.set('group_size', change.groupSize);
  if (change.own.payload) values.set('with_payload', payloadOf(change.own.payload));
  if (change.own.vectors === false) {
    for (const key of vectorWords) if (member(key)) values.set(key, false);
  }
  const lookup = member('with_lookup');
  return [
    ...membersSet(view, search, values),
    ...(lookup ? lookupEdits(view, lookup, change.lookup) : []),
  ];
}

/** Both are read, on every row. */
const vectorWords = ['with_vector', 'with_vectors'];

/** A lookup by name alone brings all of the payload, and no vectors. */
function lookupEdits(view: JsonView, lookup: Span, { payload, vectors }: LoweredSelection): Edit[] {
  const values = new Map<string, unknown>();
  if (payload) values.set('with_payload', payloadOf(payload));
  if (view.raw(lookup).startsWith('{')) {
    for (const key of vectorWords) {
      if (vectors === false && view.member(lookup, key)) values.set(key, false);
    }
    return membersSet(view, lookup, values);
  }
  if (values.size === 0 || view.text(lookup) === null) return [];
  values.set('with_vectors', false);
  const named = `{"collection":${view.raw(lookup)},${written(values)}}`;
  return [{ ...lookup, bytes: Buffer.from(named) }];
}

/** Members of an object, replaced where they stand, else put first. */
function membersSet(view: JsonView, object: Span, values: ReadonlyMap<string, unknown>): Edit[] {
  const edits: Edit[] = [];
  const added = new Map<string, unknown>();
  for (const [key, value] of values) {
    const span = view.member(object, key);
    if (span) edits.push({ ...span, bytes: Buffer.from(JSON.stringify(value)) });
    else added.set(key, value);
  }
  if (added.size === 0) return edits;
  const start = object.start + 1;
  const comma = view.isEmpty(object) ? '' : ',';
  return [{ start, end: start, bytes: Buffer.from(`${written(added)}${comma}`) }, ...edits];
}

function written(values: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(values)).slice(1, -1);
}

function payloadOf(fields: readonly string[]): readonly string[] | false {
  return fields.length === 0 ? false : fields;
}
