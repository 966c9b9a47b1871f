import { bytesOf, type Fields, fieldsOf } from '../reading/fields.ts';
import { unreadable } from '../reading/unreadable.ts';
import { type Asked, type AskKind, isCount } from './confine.ts';
import { type Parameters, readParameters } from './confine-pairs.ts';

/** Where a request message (proto/milvus.proto) says what its answer carries. */
export interface AskFields {
  readonly output: number;
  readonly parameters: number;
  /** The key of the parameter that holds the answer. */
  readonly limitKey: string;
  /** Fields by which it asks for what nobody here counts: searches within, buckets, highlights,
   * chains of functions. */
  readonly unread: readonly number[];
}

/** By kind; a point by its id alone is asked for over REST. */
export const askFields: Readonly<Record<AskKind, AskFields>> = {
  search: { output: 8, parameters: 9, limitKey: 'topk', unread: [16, 17, 21, 23, 24] },
  hybrid: { output: 10, parameters: 6, limitKey: 'limit', unread: [15] },
  query: { output: 5, parameters: 9, limitKey: 'limit', unread: [] },
  get: { output: 5, parameters: 9, limitKey: 'limit', unread: [] },
};
/** Of SearchRequest. */
const searched = { dsl: 5, placeholders: 6, type: 7, vectors: 12, ids: 22 };
/** Of HybridSearchRequest: the searches whose results are joined. */
const requests = 5;
/** DslType of common.proto: an expression. The older kind has a number of results of its own. */
const expression = 1;
const mostFields = 20_000;

/** What a gRPC message asks for. It has been read strictly: no field that may stand there once
 * stands there twice. Throws `Refusal` unreadable-request. */
export function readAskedRpc(kind: AskKind, body: Buffer): Asked {
  const message = messageIn(body);
  if (kind === 'search') return askedBySearch(message);
  if (kind === 'hybrid') return askedByHybrid(message);
  return askedByQuery(message, kind);
}

/** Without fields it brings what the version likes: every one but vectors. */
function askedByQuery(message: Fields, kind: AskKind): Asked {
  const own = parametersOf(message, kind);
  const named = outputOf(message, kind);
  const fields = named.length === 0 ? ['*'] : named;
  const asked = { ...amountOf(kind, own, 1), fields, revealed: own.revealed };
  const endless = asked.limit === Number.POSITIVE_INFINITY;
  return endless && isCount(fields) ? { ...asked, limit: 1 } : asked;
}

function askedBySearch(message: Fields): Asked {
  checkKnown(message, 'search');
  const own = parametersOf(message, 'search');
  const fields = outputOf(message, 'search');
  return { ...amountOf('search', own, vectorsOf(message)), fields, revealed: own.revealed };
}

/** What the searches within say of the answer is ignored, by the newer versions: it counts too. */
function askedByHybrid(message: Fields): Asked {
  checkKnown(message, 'hybrid');
  const own = parametersOf(message, 'hybrid');
  const within = bytesIn(message, requests).map((each) => askedBySearch(messageIn(each)));
  const amount = amountOf('hybrid', own, Math.max(1, ...within.map(({ each }) => each)));
  return {
    ...amount,
    offset: Math.max(amount.offset, ...within.map(({ offset }) => offset)),
    fields: [...outputOf(message, 'hybrid'), ...within.flatMap(({ fields }) => fields)],
    revealed: [...own.revealed, ...within.flatMap(({ revealed }) => revealed)],
  };
}

/** What other keys say counts, yet only the one that Milvus reads keeps an answer short. */
function amountOf(kind: AskKind, { limit, limitKeys, ...more }: Parameters, vectors: number) {
  const ends = limitKeys.has(askFields[kind].limitKey);
  return {
    limit: ends ? limit : Number.POSITIVE_INFINITY,
    each: more.groupSize * vectors,
    offset: more.offset,
  };
}

function checkKnown(message: Fields, kind: AskKind): void {
  if (askFields[kind].unread.some((number) => message.has(number))) {
    throw unreadable('it cannot be told how much the request asks for');
  }
}

/** As many as it says, or as it gives: one at least. */
function vectorsOf(message: Fields): number {
  const [dsl] = bytesIn(message, searched.dsl);
  if ((dsl?.length ?? 0) > 0 && message.get(searched.type)?.at(-1) !== expression) {
    throw unreadable('the search is not an expression');
  }
  const given = bytesIn(message, searched.placeholders).flatMap((group) =>
    bytesIn(messageIn(group), 1).map((one) => (messageIn(one).get(3) ?? []).length),
  );
  const ids = bytesIn(message, searched.ids).map(idsIn);
  const said = message.get(searched.vectors)?.at(-1) ?? 0;
  if (typeof said !== 'number') throw unreadable('a number of the search has a wrong wire type');
  return Math.max(1, said, sum(given) + sum(ids));
}

/** IDs of schema.proto: an array of numbers, packed or not, or of strings. */
function idsIn(ids: Buffer): number {
  const fields = messageIn(ids);
  const numbers = bytesIn(fields, 1).flatMap((array) => messageIn(array).get(1) ?? []);
  const texts = bytesIn(fields, 2).map((array) => (messageIn(array).get(1) ?? []).length);
  return sum(numbers.map((one) => (typeof one === 'number' ? 1 : varintsIn(one)))) + sum(texts);
}

function varintsIn(packed: Buffer): number {
  let found = 0;
  for (const byte of packed) if (byte < 0x80) found++;
  return found;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function parametersOf(message: Fields, kind: AskKind): Parameters {
  return readParameters(bytesIn(message, askFields[kind].parameters).map(pairOf));
}

/** KeyValuePair: its key and its value, of which the last counts. */
export function pairOf(pair: Buffer): readonly [string, string] {
  const fields = messageIn(pair);
  const text = (number: number) => bytesIn(fields, number).at(-1)?.toString('utf8') ?? '';
  return [text(1), text(2)];
}

function outputOf(message: Fields, kind: AskKind): readonly string[] {
  return bytesIn(message, askFields[kind].output).map((field) => field.toString('utf8'));
}

function bytesIn(message: Fields, number: number): readonly Buffer[] {
  return (message.get(number) ?? []).map(bytesOf);
}

function messageIn(bytes: Buffer): Fields {
  return fieldsOf(bytes, mostFields);
}
