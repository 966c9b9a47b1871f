import { JsonReader } from '../reading/json.ts';
import type { Shape } from '../reading/shape.ts';
import { unreadable } from '../reading/unreadable.ts';

/** What the parameters of a search or query say of its answer. */
export interface Parameters {
  /** The largest number of entities, or of groups, that any of them speaks of; 0: none does. */
  readonly limit: number;
  /** The keys that say so, where Milvus itself looks for them. */
  readonly limitKeys: ReadonlySet<string>;
  readonly offset: number;
  readonly groupSize: number;
  /** Fields that it is grouped or ordered by. */
  readonly revealed: readonly string[];
}

/** Keys that say how much comes (internal/proxy, task.go and search_util.go). */
const limits = new Set(['topk', 'limit', 'search_iter_batch_size']);
const lists = new Set(['group_by_field', 'order_by_fields']);
/** Keys that say how it is looked for, and nothing of what comes: Milvus's own, and those of its
 * indexes (knowhere). Whatever is not here may say anything. */
const harmless = new Set(
  [
    'anns_field metric_type params round_decimal ignore_growing reduce_stop_for_best iterator',
    'collection_id cluster_id consistency_level guarantee_timestamp hints page_retain_order timezone',
    'time_fields analyzer_name strict_group_size rank_group_scorer json_path json_type strict_cast',
    'search_iter_v2 search_iter_id search_iter_last_bound query_iter_last_pk',
    'query_iter_last_element_offset strategy weights k norm_score',
    'nprobe ef radius range_filter level search_k search_list search_list_size beamwidth reorder_k',
    'refine_k max_empty_result_buckets drop_ratio_search dim_max_score_ratio itopk_size search_width',
    'min_iterations max_iterations team_size mh_lsh_batch_search mh_element_bit_width',
    'mh_search_with_jaccard',
  ].flatMap((line) => line.split(' ')),
);
const longestJson = 1 << 16;
const inner: Shape = { what: 'params', members: new Map() };
const number = /^(?:0|[1-9][0-9]{0,15})$/;

/**
 * Reads parameters as strictly as no reader of Milvus does: it takes the first of two that are
 * called alike, numbers as Go's ParseInt reads them with base 0, and for the sake of older clients
 * looks into the JSON of `params`. Throws `Refusal` unreadable-request for a parameter that is
 * there twice, is not known, or is a number in any but its plain spelling.
 */
export function readParameters(pairs: readonly (readonly [string, unknown])[]): Parameters {
  const seen = new Set<string>();
  const limitKeys = new Set<string>();
  const found: Found = { limit: 0, limitKeys, offset: 0, groupSize: 1, revealed: [] };
  for (const [key, value] of pairs) {
    if (seen.has(key)) throw unreadable(`the parameter ${short(key)} is given twice`);
    seen.add(key);
    if (key === 'params') merge(found, readInner(value));
    else if (limits.has(key)) {
      found.limit = Math.max(found.limit, countOf(key, value, 1));
      limitKeys.add(key);
    } else if (key === 'offset') found.offset = Math.max(found.offset, countOf(key, value, 0));
    else if (key === 'group_size')
      found.groupSize = Math.max(found.groupSize, countOf(key, value, 1));
    else if (lists.has(key)) found.revealed.push(...namesIn(value));
    else if (!harmless.has(key)) throw unreadable(`the parameter ${short(key)} is not known`);
  }
  return found;
}

/** What has been read so far. */
interface Found extends Parameters {
  limit: number;
  offset: number;
  groupSize: number;
  readonly revealed: string[];
}

function merge(found: Found, inner: Parameters): void {
  found.limit = Math.max(found.limit, inner.limit);
  found.offset = Math.max(found.offset, inner.offset);
  found.groupSize = Math.max(found.groupSize, inner.groupSize);
  found.revealed.push(...inner.revealed);
}

/** `params`: an object, or JSON of one, which has no `params` of its own. */
function readInner(value: unknown): Parameters {
  if (value === '') return readParameters([]);
  const object = typeof value === 'string' ? parsed(value) : (value ?? {});
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw unreadable('the parameter params is no object');
  }
  if (Object.hasOwn(object, 'params')) throw unreadable('the parameter params holds another');
  return readParameters(Object.entries(object));
}

/** Its keys may stand there in one spelling and once: of two the readers take either. */
function parsed(text: string): unknown {
  if (text.length > longestJson) throw unreadable('the parameter params is too long');
  const reader = new JsonReader(Buffer.from(text, 'utf8'), inner, { watched: new Map() });
  while (!reader.advance(longestJson));
  return JSON.parse(text) as unknown;
}

function countOf(key: string, value: unknown, least: number): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && number.test(text) && Number(text) >= least) return Number(text);
  throw unreadable(`the parameter ${key} is no plain number from ${least} on`);
}

/** `a:desc,b` */
function namesIn(value: unknown): string[] {
  if (value === '' || value === undefined || value === null) return [];
  if (typeof value !== 'string') throw unreadable('a parameter that names fields is no text');
  return value.split(',').map((name) => (name.split(':', 1)[0] as string).trim());
}

function short(key: string): string {
  return JSON.stringify(key.slice(0, 64));
}
