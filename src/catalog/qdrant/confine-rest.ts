import { Refusal } from '../../refusal.ts';
import { JsonReader } from '../reading/json.ts';
import type { Shape } from '../reading/shape.ts';
import { unreadable } from '../reading/unreadable.ts';
import type { Asked, AskPlan, Selection } from './confine.ts';

/** How long a body may be whose limits are looked for, in bytes: it is decoded. */
export const longestConfined = 1024 * 1024;

const slice = 1 << 17;
const usual = { results: 10, groupSize: 3, sample: 10, neighbours: 3 };
const onePoint: Asked = {
  ...{ results: 1, limit: null, offset: 0, lookup: null, revealed: [] },
  own: { payload: 'all', vectors: true },
};
const search: Shape = { what: 'a search', members: new Map() };
const whole: Shape = { what: 'the body', members: new Map() };

type Members = Readonly<Record<string, unknown>>;

/** What each search of a REST body asks for (lib/api/src/rest/schema.rs). The body is read strictly
 * first, so that no member stands there twice, then decoded. Throws `Refusal`. */
export function readAskedRest(plan: AskPlan, body: Buffer): readonly Asked[] {
  if (plan.results === 'one') return [onePoint];
  if (body.length > longestConfined) {
    throw new Refusal('too-large', `a body with limits on it exceeds ${longestConfined} bytes`);
  }
  const { batch } = plan;
  const reader = new JsonReader(body, batch ? batchShape(batch.member) : whole);
  while (!reader.advance(slice));
  const decoded = JSON.parse(body.toString('utf8')) as Members;
  const searches = batch ? (decoded[batch.member] as readonly Members[]) : [decoded];
  return searches.map((one) => askedBy(plan, one));
}

function batchShape(member: string): Shape {
  const searches: Shape = { what: member, items: search };
  return { what: 'the body', members: new Map([[member, searches]]), needed: [member] };
}

function askedBy(plan: AskPlan, body: Members): Asked {
  const limit = limitOf(plan, body);
  return {
    results: limit ? limit.most * (limit.groupSize + limit.lookedUp) : resultsOf(plan, body),
    limit,
    offset: plan.fields.offset === undefined ? 0 : numberOf(body['offset'], 0),
    own: {
      payload: payloadOf(body['with_payload'], plan.payload),
      vectors: asksVectors(body),
    },
    lookup: lookedUpBy(body['with_lookup'] ?? null),
    revealed: revealedBy(plan, body),
  };
}

/** By either of two words. */
function asksVectors(one: Members): boolean {
  const words = [one['with_vector'], one['with_vectors']];
  return words.some((asked) => asked !== undefined && asked !== null && asked !== false);
}

function resultsOf({ results }: AskPlan, body: Members): number {
  if (results === 'ids') return Array.isArray(body['ids']) ? body['ids'].length : 0;
  return numberOf(body['sample'], usual.sample) * numberOf(body['limit'], usual.neighbours);
}

function limitOf({ results, top }: AskPlan, body: Members): Asked['limit'] {
  if (results === 'ids' || results === 'matrix') return null;
  const most = top === true ? limitOrTop(body) : limitAlone(body);
  const grouped = results === 'groups';
  if (!grouped) return { most, groupSize: 1, lookedUp: 0 };
  const groupSize = numberOf(body['group_size'], usual.groupSize);
  return { most, groupSize, lookedUp: body['with_lookup'] == null ? 0 : 1 };
}

/** Where `top` means nothing it cannot make a limit smaller, nor hide a larger one. */
function limitAlone({ limit, top }: Members): number {
  return numberOf(limit, Math.max(usual.results, typeof top === 'number' ? top : 0));
}

/** Two words for one number, which the older rows alone know. */
function limitOrTop({ limit, top }: Members): number {
  if (limit !== undefined && top !== undefined) {
    throw unreadable('limit and top stand beside each other');
  }
  return numberOf(limit ?? top, usual.results);
}

/** Fields whose values an answer tells without carrying payload: what it is grouped or ordered
 * by. */
function revealedBy({ results }: AskPlan, body: Members): string[] {
  const orders = [body['order_by'], partOf(body['query'], 'order_by')];
  const keys = orders.flatMap((order) => [order, partOf(order, 'key')]);
  if (results === 'groups') keys.push(body['group_by']);
  if (results === 'values') keys.push(body['key']);
  return keys.filter((key) => typeof key === 'string');
}

function lookedUpBy(lookup: unknown): Selection | null {
  if (lookup === null) return null;
  // In the positions of an array nothing says what is what: all of it is asked for.
  if (Array.isArray(lookup)) return { payload: 'rest', vectors: true };
  const members = membersOf(lookup);
  return { payload: payloadOf(members['with_payload'], true), vectors: asksVectors(members) };
}

/** `true`, `false`, a list of fields, or an object that includes some. */
function payloadOf(asked: unknown, usually: boolean): Selection['payload'] {
  if (asked === undefined || asked === null) return usually ? 'all' : [];
  if (asked === true) return 'all';
  if (asked === false) return [];
  const include = Array.isArray(asked) ? asked : includedBy(membersOf(asked));
  const texts = Array.isArray(include) && include.every((field) => typeof field === 'string');
  return texts ? include : 'rest';
}

function includedBy(selector: Members): unknown {
  return Object.keys(selector).length === 1 ? selector['include'] : undefined;
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

/** A member of an object, which stands first where its members stand in the positions of an
 * array. */
function partOf(value: unknown, name: string): unknown {
  return Array.isArray(value) ? value[0] : membersOf(value)[name];
}

/** A count as the database reads it: whole, not below 0; else it is refused there. */
function numberOf(value: unknown, usually: number): number {
  if (value === undefined || value === null) return usually;
  if (typeof value === 'number' && value >= 0) return value;
  throw unreadable('a limit or an offset is no number');
}
