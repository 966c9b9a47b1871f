import { JsonView, type Span } from '../reading/json-view.ts';
import { type Edit, splice } from '../reading/splice.ts';
import type { AskKind, Lowered } from './confine.ts';

/** Writes into a REST body what it may ask for, and leaves every other byte as it stands. The body
 * has been read strictly. */
export function writeLoweredRest(kind: AskKind, body: Buffer, { limit, fields }: Lowered): Buffer {
  const view = new JsonView(body);
  const whole = view.at();
  if (whole === null) return body;
  const values = new Map<string, unknown>();
  if (limit !== undefined) values.set('limit', limit);
  if (fields !== undefined) values.set('outputFields', fields);
  const edits = membersSet(view, whole, values);
  if (kind === 'hybrid' && fields !== undefined) edits.push(...innerFields(view, whole));
  // Insertions at the same place stay in the order in which they are made.
  return splice(
    body,
    edits.sort((one, other) => one.start - other.start),
  );
}

/** The searches of a hybrid one need ask for no fields of their own. */
function innerFields(view: JsonView, whole: Span): Edit[] {
  const searches = view.member(whole, 'search');
  return (searches ? view.elements(searches) : []).flatMap((search) => {
    const span = view.member(search, 'outputFields');
    return span ? [{ ...span, bytes: Buffer.from('[]') }] : [];
  });
}

/** Members of an object, replaced where they stand, else put first. */
function membersSet(view: JsonView, object: Span, values: ReadonlyMap<string, unknown>): Edit[] {
  const edits: Edit[] = [];
  const added: string[] = [];
  for (const [key, value] of values) {
    const span = view.member(object, key);
    const written = JSON.stringify(value);
    if (span) edits.push({ ...span, bytes: Buffer.from(written) });
    else added.push(`${JSON.stringify(key)}:${written}`);
  }
  if (added.length === 0) return edits;
  const start = object.start + 1;
  const comma = view.isEmpty(object) ? '' : ',';
  return [{ start, end: start, bytes: Buffer.from(`${added.join(',')}${comma}`) }, ...edits];
}
