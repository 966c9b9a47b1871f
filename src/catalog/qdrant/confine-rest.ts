import { Refusal } from '../../refusal.ts';
import { JsonReader } from '../reading/json.ts';
import type { Shape } from '../reading/shape.ts';
import { unreadable } from '../reading/unreadable.ts';
import type { Asked, AskPlan } from './confine.ts';

/** How long a body may be whose limits are looked for, in bytes: it is decoded. */
export const longestConfined = 1024 * 1024;

const slice = 1 << 17;
const usual = { results: 10, groupSize: 3, sample: 10, neighbours: 3 };
const search: Shape = { what: 'a search', members: new Map() };
const whole: Shape = { what: 'the body', members: new Map() };

type Members = Readonly<Record<string, unknown>>;

/** What each search of a REST body asks for (lib/api/src/rest/schema.rs). The body is read strictly
 * first, so that no member stands there twice, then decoded. Throws `Refusal`. */
export function readAskedRest(plan: AskPlan, body: Buffer): readonly Asked[] {
  if (plan.results === 'one') return [{ results: 1, offset: 0, payload: 'all', vectors: true }];
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
  const lookup = body['with_lookup'] ?? null;
  const own = payloadOf(body['with_payload'], plan.payload);
  const told = [...own.fields, ...revealedBy(plan, body)];
  const lookedUp = lookup === null ? { all: false, fields: [] } : lookedUpBy(lookup);
  const vectors = [body, membersOf(lookup)].flatMap((one) => [
    one['with_vector'],
    one['with_vectors'],
  ]);
  return {
    results: resultsOf(plan, body),
    offset: plan.fields.offset === undefined ? 0 : numberOf(body['offset'], 0),
    payload: own.all || lookedUp.all ? 'all' : [...told, ...lookedUp.fields],
    vectors: vectors.some((asked) => asked !== undefined && asked !== null && asked !== false),
  };
}

function resultsOf({ results, top }: AskPlan, body: Members): number {
  if (results === 'ids') return Array.isArray(body['ids']) ? body['ids'].length : 0;
  if (results === 'matrix') {
    return numberOf(body['sample'], usual.sample) * numberOf(body['limit'], usual.neighbours);
  }
  const limit = top === true ? limitOrTop(body) : limitOf(body);
  return results === 'groups' ? limit * numberOf(body['group_size'], usual.groupSize) : limit;
}

/** Where `top` means nothing it cannot make a limit smaller, nor hide a larger one. */
function limitOf({ limit, top }: Members): number {
  return numberOf(limit, Math.max(usual.results, typeof top === 'number' ? top : 0));
}

/** Two words for one number, which the older rows alone know. */
function limitOrTop({ limit, top }: Members): number {
  if (limit !== undefined && top !== undefined) {
    throw unreadable('limit and top stand beside each other');
  }
  return numberOf(limit ?? top, usual.results);
}

/** Fields whose values an answer tells without carrying payload: what it is grouped or ordered by. */
function revealedBy({ results }: AskPlan, body: Members): string[] {
  const orders = [body['order_by'], partOf(body['query'], 'order_by')];
  const keys = orders.flatMap((order) => [order, partOf(order, 'key')]);
  if (results === 'groups') keys.push(body['group_by']);
  if (results === 'values') keys.push(body['key']);
  return keys.filter((key) => typeof key === 'string');
}

function lookedUpBy(lookup: unknown) {
  return payloadOf(membersOf(lookup)['with_payload'], true);
}

/** `true`, `false`, a list of fields, or an object that includes some. */
function payloadOf(asked: unknown, usually: boolean): { all: boolean; fields: readonly string[] } {
  if (asked === undefined || asked === null) return { all: usually, fields: [] };
  if (asked === false) return { all: false, fields: [] };
  const include = Array.isArray(asked) ? asked : includedBy(membersOf(asked));
  const texts = Array.isArray(include) && include.every((field) => typeof field === 'string');
  return texts ? { all: false, fields: include } : { all: true, fields: [] };
}

function includedBy(selector: Members): unknown {
  return Object.keys(selector).length === 1 ? selector['include'] : undefined;
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

/** A member of an object, which stands first where its members stand in the positions of an array. */
function partOf(value: unknown, name: string): unknown {
  return Array.isArray(value) ? value[0] : membersOf(value)[name];
}

/** A count as the database reads it: whole, not below 0; else it is refused there. */
function numberOf(value: unknown, usually: number): number {
  if (value === undefined || value === null) return usually;
  if (typeof value === 'number' && value >= 0) return value;
  throw unreadable('a limit or an offset is no number');
}
