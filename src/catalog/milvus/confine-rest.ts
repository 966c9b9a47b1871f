import { Refusal } from '../../refusal.ts';
import { unreadable } from '../reading/unreadable.ts';
import { type Asked, type AskKind, isCount } from './confine.ts';
import { readParameters } from './confine-pairs.ts';

/** How long a body may be whose limits are looked for, in bytes: it is decoded. */
const longestConfined = 1024 * 1024;
/** What Milvus takes where a request does not say (httpserver, handler_v2.go and handler.go). */
const usualLimit = 100;
/** Members by which it asks for what nobody here counts. */
const unread = ['functionChains', 'searchAggregation', 'groupByFields', 'highlighter'];

type Members = Readonly<Record<string, unknown>>;

/** What a REST body asks for. It has been read strictly, so that no member stands there twice or in
 * another case. Throws `Refusal` unreadable-request or too-large. */
export function readAskedRest(kind: AskKind, bytes: Buffer): Asked {
  if (bytes.length > longestConfined) {
    throw new Refusal('too-large', `a body with limits on it exceeds ${longestConfined} bytes`);
  }
  const body = JSON.parse(bytes.toString('utf8')) as Members;
  if (kind === 'search') return askedBySearch(body);
  if (kind === 'hybrid') return askedByHybrid(body);
  const named = namesIn(body['outputFields'] ?? []);
  // Without any it brings all, and for an empty list what the version likes.
  const fields = named.length === 0 ? ['*'] : named;
  if (kind === 'get') {
    return { limit: 1, each: lengthOf(body['id']), offset: 0, fields, revealed: [] };
  }
  const amount = askedBySearch(body);
  const counted = body['limit'] === undefined && isCount(fields);
  return { ...amount, fields, ...(counted ? { limit: 1 } : {}) };
}

function askedBySearch(body: Members): Asked {
  if (unread.some((name) => body[name] != null)) {
    throw unreadable('it cannot be told how much the request asks for');
  }
  const inner = readParameters([
    ...parametersIn(body['searchParams']),
    ...(body['params'] === undefined ? [] : [['params', body['params']] as const]),
  ]);
  const vectors = Math.max(1, lengthOf(body['data']), lengthOf(body['ids']));
  return {
    limit: Math.max(numberOf(body['limit'], usualLimit, 1), inner.limit),
    each: vectors * Math.max(numberOf(body['groupSize'], 1, 1), inner.groupSize),
    offset: Math.max(numberOf(body['offset'], 0, 0), inner.offset),
    fields: namesIn(body['outputFields'] ?? []),
    revealed: [
      ...inner.revealed,
      ...(body['groupingField'] == null ? [] : namesIn([body['groupingField']])),
      ...(body['orderByFields'] == null ? [] : ['orderByFields']),
    ],
  };
}

/** What the searches within say of the answer is ignored, by the newer versions: it counts too,
 * save how many each brings for the others to be joined with. */
function askedByHybrid(body: Members): Asked {
  const { search } = body;
  if (!Array.isArray(search)) throw unreadable('a hybrid search has no searches');
  const own = askedBySearch(body);
  const within = search.map((each) => askedBySearch(membersOf(each)));
  return {
    limit: own.limit,
    each: Math.max(own.each, ...within.map(({ each }) => each)),
    offset: Math.max(own.offset, ...within.map(({ offset }) => offset)),
    fields: [...own.fields, ...within.flatMap(({ fields }) => fields)],
    revealed: [...own.revealed, ...within.flatMap(({ revealed }) => revealed)],
  };
}

/** Each member becomes a parameter of the call, and stands before those that Milvus writes itself:
 * the names are its own, whatever case they would have in JSON. */
function parametersIn(parameters: unknown): readonly (readonly [string, unknown])[] {
  const members = Object.entries(parameters == null ? {} : membersOf(parameters));
  return members.map(([key, value]) => [words.get(key) ?? key, value] as const);
}

/** What 2.4 and 2.5.0 call three of them in `searchParams`. */
const words = new Map([
  ['metricType', 'metric_type'],
  ['ignoreGrowing', 'ignore_growing'],
  ['annsField', 'anns_field'],
]);

function membersOf(value: unknown): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw unreadable('a part of the body is no object');
}

function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value;
  throw unreadable('the fields are no list of names');
}

/** Of a list as many as there are; anything else is one. */
function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 1;
}

function numberOf(value: unknown, usually: number, least: number): number {
  if (value === undefined) return usually;
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw unreadable(`a limit, an offset or the size of a group is no number from ${least} on`);
}
