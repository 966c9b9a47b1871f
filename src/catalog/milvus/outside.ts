import type { Stretch } from '../reading/message.ts';
import type { Mention } from './message.ts';

const plain: Readonly<Record<string, string>> = {
  external: 'external data',
  file: 'files of the object store',
  model: 'a model that is called',
  segment: 'segments by their ids',
  'resource-group': 'a resource group',
};
/** FunctionType of schema.proto: BM25 and MinHash, which Milvus computes by itself. */
const computed = new Set(['1', '4']);
const rerank = '3';
/** Rerankers that are arithmetic (internal/util/function/rerank). */
const arithmetic = new Set(['rrf', 'weighted', 'decay', 'boost']);
/** What an analyzer's parameters speak of where they lead out: remote and file dictionaries. */
const leadingOut = /remote|file|path|resource|url|http|\\/i;

/** Properties of a collection that lead out of it (pkg/common/common.go): its external data, the
 * resource groups that serve it, row level security, replication. */
const further = /external_s|resource_groups|replicate|\brls\b/i;
/** How much is read of all that is said of analyzers: characters. */
const mostRead = 1 << 20;

/**
 * What a message reaches beside its collections, in words; null where it reaches nothing else:
 * external data, files, functions whose endpoints the database calls with keys of its own.
 */
export function outsideOf(mentions: readonly Mention[]): string | null {
  let left = mostRead;
  for (const { mark, value } of mentions) {
    const word = plain[mark];
    if (word !== undefined) return word;
    if (mark === 'property' && further.test(value)) return 'what is not the collection alone';
    if (mark !== 'analyzer') continue;
    left -= value.length;
    if (left < 0 || leadingOut.test(value)) return 'a dictionary elsewhere';
  }
  return mentions.some(({ mark }) => mark === 'function') ? functionOf(mentions) : null;
}

function functionOf(mentions: readonly Mention[]): string | null {
  const types = new Map<Stretch | null, string>();
  const keys = new Map<Stretch | null, string>();
  for (const { mark, value, place } of mentions) {
    if (mark === 'function-type') types.set(place.within, value);
    if (mark === 'parameter-key') keys.set(place.within, value.toLowerCase());
  }
  const rerankers = new Map<Stretch | null, boolean>();
  for (const { mark, value, place } of mentions) {
    if (mark !== 'parameter-value' || keys.get(place.within) !== 'reranker') continue;
    const owner = place.within?.within ?? null;
    rerankers.set(owner, arithmetic.has(value) && rerankers.get(owner) !== false);
  }
  for (const { mark, place } of mentions) {
    if (mark !== 'function') continue;
    const type = types.get(place) ?? '0';
    const within = computed.has(type) || (type === rerank && rerankers.get(place) === true);
    if (!within) return 'a function that may call out';
  }
  return null;
}
