import type { Head, Located, Names, Reading, Rebuilt } from '../operation.ts';
import type { Target } from '../reading/path.ts';
import { readQuery } from '../reading/query.ts';
import type { Mention } from '../reading/shape.ts';
import { type Edit, splice } from '../reading/splice.ts';
import { unreadable } from '../reading/unreadable.ts';
import { longestConfined } from './confine-rest.ts';
import { distinct, judge } from './judge.ts';
import { referTo } from './need.ts';
import { type Body, readBody } from './rest-body.ts';
import type { BodyPlan, Given, RestPlan, Row, RowOf } from './row.ts';

/** Some clients send `{}` where no body is asked for. */
const politeness = 16;

/** What the head of a REST request gives. */
interface Found {
  readonly row: Row;
  readonly plan: RestPlan;
  readonly target: Target;
  readonly query: string;
  readonly fields: readonly string[];
  readonly collection: string | null;
  readonly rowOf: RowOf;
}

/** A REST request matched to its row. Throws `Refusal` unreadable-request. */
export function locateRest(row: Row, target: Target, head: Head, rowOf: RowOf): Located {
  const plan = row.rest as RestPlan;
  checkParameters(plan, target.segments);
  const collection = plan.collectionAt === -1 ? null : target.segments[plan.collectionAt];
  const found: Found = {
    row,
    plan,
    target,
    query: readQuery(target.query, plan.query),
    fields: passingFields(plan, head),
    collection: collection ?? null,
    rowOf,
  };
  const given: Given = givenBy(found, []);
  return {
    operation: row,
    hold: holdOf(plan),
    ...(row.confine && plan.body.kind === 'stream' ? { holdConfined: longestConfined } : {}),
    names: collection === undefined || collection === null ? [] : [collection],
    needs: (names) => earlyNeeds(given, names, rowOf),
    read: (body) => readOn(found, body),
  };
}

function checkParameters(plan: RestPlan, segments: readonly string[]): void {
  for (const { name, at, grammar } of plan.parameters) {
    if (grammar.fits(segments[at] as string)) continue;
    throw unreadable(`${name} ${grammar.rule}`, { http: 422 });
  }
}

function holdOf({ body, method }: RestPlan): number | null {
  if (body.kind === 'held') return body.cap;
  if (body.kind === 'stream') return null;
  return method === 'GET' || method === 'DELETE' ? 0 : politeness;
}

/** Only what a row names, and a content type of ours. */
function passingFields({ body, headers }: RestPlan, head: Head): readonly string[] {
  const fields = body.kind === 'none' ? [] : contentType(body, head.field('content-type'));
  for (const name of headers) {
    const value = head.field(name);
    if (value !== undefined) fields.push(name, value);
  }
  return fields;
}

/** Qdrant reads any type as JSON; we do not, so that a page of another origin cannot send one. */
function contentType(body: BodyPlan, value: string | undefined): string[] {
  const type = value?.split(';', 1)[0]?.trim().toLowerCase();
  if (body.kind === 'stream' && body.type === 'multipart') {
    if (value !== undefined && type === 'multipart/form-data') return ['content-type', value];
    throw unreadable('the body must be multipart/form-data', { http: 415 });
  }
  if (type !== undefined && type !== 'application/json') {
    throw unreadable('the body must be application/json', { http: 415 });
  }
  return ['content-type', 'application/json'];
}

/** What the head alone tells. Nothing where the body tells more of the same name, or where the row
 * is judged late. */
function earlyNeeds(given: Given, names: Names, rowOf: RowOf) {
  if (given.row.late || (given.row.judge && given.collection === null)) return [];
  return judge(given, names, rowOf).needs;
}

function readOn(found: Found, body: Buffer | null): Reading | Promise<Reading> {
  const read = readBody(found.row, found.plan.body, body);
  return read instanceof Promise
    ? read.then((whole) => readingOf(found, whole))
    : readingOf(found, read);
}

function readingOf(found: Found, body: Body): Reading {
  const given = givenBy(found, body.mentions, body.inner);
  const { collection } = found;
  const names = body.mentions.filter(({ mark }) => mark !== 'location').map(({ value }) => value);
  return {
    names: distinct(collection === null ? names : [collection, ...names]),
    intent: (table) => ({
      operation: found.row,
      ...judge(given, table, found.rowOf),
      request: rebuild(found, body, table),
      points: body.points,
      ...(body.work === undefined ? {} : { work: body.work }),
    }),
  };
}

function givenBy(found: Found, texts: readonly Mention[], inner: readonly string[] = []): Given {
  const { row, collection } = found;
  return { protocol: 'http', row, collection, texts, inner };
}

/** The request as it is judged: where the database would resolve an alias, the collection does not
 * stand by that name but by its own. */
function rebuild(found: Found, body: Body, names: Names): Rebuilt {
  const { plan, target, query, fields, row, collection } = found;
  let { path } = target;
  if (collection !== null) {
    const { resolved } = referTo(row, collection, names);
    if (resolved !== collection) path = repath(target, plan.collectionAt, resolved);
  }
  const bytes = body.bytes === null ? null : splice(body.bytes, editsOf(row, body, names));
  return { method: plan.method, target: path + query, fields, body: bytes };
}

function repath(target: Target, at: number, name: string): string {
  const segments = target.segments.with(at, name);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

function editsOf(row: Row, body: Body, names: Names): Edit[] {
  const edits: Edit[] = [];
  for (const { mark, value, start, end } of body.mentions) {
    if (mark !== 'lookup') continue;
    const { resolved } = referTo(row, value, names);
    if (resolved === value) continue;
    edits.push({ start, end, bytes: Buffer.from(JSON.stringify(resolved)) });
  }
  return edits;
}
