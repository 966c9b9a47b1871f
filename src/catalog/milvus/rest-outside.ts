import { JsonView, type Span } from '../reading/json-view.ts';
import type { Mention } from '../reading/shape.ts';

/** Keys by which a body may lead out of its collections, folded; they matter wherever they
 * stand. */
export const watched: ReadonlyMap<string, string> = new Map([
  ['externalsource', 'external data'],
  ['externalspec', 'external data'],
  ['fileresourceids', 'files of the object store'],
  ['functionchains', 'a model that is called'],
  ['highlighter', 'a model that is called'],
  ['function', 'a function that may call out'],
  ['functions', 'a function that may call out'],
  ['analyzerparams', 'a dictionary elsewhere'],
  ['analyzer_params', 'a dictionary elsewhere'],
  ['multi_analyzer_params', 'a dictionary elsewhere'],
  ['externalfield', 'external data'],
  ['properties', 'what is not the collection alone'],
  ['propertykeys', 'what is not the collection alone'],
]);

/** FunctionType of schema.proto: what Milvus computes by itself. */
const computed = new Set(['BM25', 'MinHash']);
/** Rerankers that are arithmetic (internal/util/function/rerank). */
const arithmetic = new Set(['rrf', 'weighted', 'decay', 'boost']);
/** What an analyzer's parameters speak of where they lead out: remote and file dictionaries. */
const leadingOut = /remote|file|path|resource|url|http|\\/i;
/** Properties of a collection that lead out of it, as over gRPC; an escape may spell any. */
const further = /external_s|resource_groups|replicate|\brls\b|\\/i;
const nothing = new Set(['null', '""', '[]', '{}']);
/** How much is read of all values that may lead out, which may stand in one another: bytes. */
const mostRead = 1 << 20;

/**
 * What a body reaches beside its collections, in words; null where it reaches nothing else:
 * external data, files, functions whose endpoints the database calls with keys of its own.
 */
export function outsideIn(bytes: Buffer, mentions: readonly Mention[]): string | null {
  let left = mostRead;
  for (const { mark, start } of mentions) {
    if (!words.has(mark)) continue;
    const read = readBehind(bytes.subarray(0, start + left), start);
    if (read === null || leadsOut(read, mark)) return mark;
    left -= read.value.end - start;
  }
  return null;
}

/** A value behind a key, and what it stands in. */
interface Behind {
  readonly json: JsonView;
  readonly value: Span;
}

/** Null where it does not end within these bytes. */
function readBehind(bytes: Buffer, keyEnd: number): Behind | null {
  try {
    const json = new JsonView(bytes);
    const value = json.behindKey(keyEnd);
    return value.end < bytes.length ? { json, value } : null;
  } catch {
    return null;
  }
}

const words = new Set(watched.values());

/** A value that is not as expected leads out. */
function leadsOut({ json, value }: Behind, word: string): boolean {
  try {
    const raw = json.raw(value);
    if (nothing.has(raw)) return false;
    if (word.startsWith('a function')) return isFunction(json, value, raw);
    if (word.startsWith('a dictionary')) return leadingOut.test(raw.replaceAll('\\"', '"'));
    if (word.startsWith('what is')) return further.test(raw.replaceAll('\\"', '"'));
    return true;
  } catch {
    return true;
  }
}

/** A decay's own parameter `function` is the name of a curve. */
function isFunction(json: JsonView, value: Span, raw: string): boolean {
  if (raw.startsWith('[')) return json.elements(value).some((each) => !isComputed(json, each));
  return raw.startsWith('{') && !isComputed(json, value);
}

function isComputed(json: JsonView, value: Span): boolean {
  const type = json.text(json.member(value, 'type')) ?? '';
  if (computed.has(type)) return true;
  if (type !== 'Rerank') return false;
  const parameters = json.member(value, 'params');
  if (parameters === null) return false;
  return arithmetic.has(json.text(json.member(parameters, 'reranker')) ?? '');
}
