import { isDeepStrictEqual } from 'node:util';
import type { Listed } from './ledger.ts';
import type { Manifest } from './manifest.ts';
import type { Bad, Chain } from './read-chain.ts';
import { type Segment, segmentNumber } from './segment.ts';

/**
 * The first segment that the manifest lists and the directory lacks, or the other way round; null
 * where there is none. The oldest may have been deleted, as a record then tells; the newest may not
 * be listed yet; and what came to nothing never is.
 */
export function unlistedOrMissing(
  { segments: listed }: Manifest,
  segments: readonly Segment[],
  chain: Chain,
): Bad | null {
  const there = new Set(segments.map(({ name }) => name));
  const oldest = segments[0]?.number ?? 0;
  const missing = listed.find(({ name }) => !there.has(name) && segmentNumber(name) > oldest);
  if (missing) return bad(missing.name, missing.firstSeq, 'the segment is missing');
  const extra = chain.spans.find((span) => isUnlisted(span, listed) && counts(span, chain));
  return extra ? bad(extra.name, extra.firstSeq, 'the manifest lists no such segment') : null;
}

/** Whether it stands between segments that are listed, and is not. */
function isUnlisted({ name }: Listed, listed: readonly Listed[]): boolean {
  const at = segmentNumber(name);
  const numbers = listed.map((one) => segmentNumber(one.name));
  return !numbers.includes(at) && (numbers[0] ?? at) < at && at < (numbers.at(-1) ?? at);
}

function counts({ name, firstSeq, sealed }: Listed, chain: Chain): boolean {
  return firstSeq <= (sealed?.lastSeq ?? 0) || chain.bad?.file === name;
}

/** The first segment that is not what the manifest says it came to; null where all are. */
export function unlikeListed(manifest: Manifest, { spans }: Chain): Bad | null {
  const found = new Map(spans.map((span) => [span.name, span]));
  const unlike = manifest.segments.find((listed) => {
    const span = found.get(listed.name);
    return span && listed.sealed && !isDeepStrictEqual(plain(span), plain(listed));
  });
  if (!unlike) return null;
  return bad(unlike.name, unlike.firstSeq, 'the segment is not what the manifest says it came to');
}

function plain({ name, firstSeq, prev, sealed }: Listed) {
  return { name, firstSeq, prev, sealed };
}

function bad(file: string, seq: number, reason: string): Bad {
  return { file, offset: 0, seq, reason, torn: false };
}
