import { isDeepStrictEqual } from 'node:util';
import type { Listed } from './ledger.ts';
import type { Manifest } from './manifest.ts';
import type { Bad, Chain } from './read-chain.ts';
import { type Segment, segmentNumber } from './segment.ts';

/**
 * The first segment that the manifest lists and the directory lacks, or the other way round; null
 * where there is none. The oldest may have been deleted, as a record then tells, and the newest may
 * not be listed yet.
 */
export function unlistedOrMissing(manifest: Manifest, segments: readonly Segment[]): Bad | null {
  const there = new Set(segments.map(({ name }) => name));
  const listed = new Set(manifest.segments.map(({ name }) => name));
  const oldest = segments[0]?.number ?? 0;
  const missing = manifest.segments.find(
    ({ name }) => !there.has(name) && segmentNumber(name) > oldest,
  );
  const [first, last] = [manifest.segments[0], manifest.segments.at(-1)].map((at) =>
    at ? segmentNumber(at.name) : 0,
  );
  const extra = segments.find(
    ({ name, number }) => !listed.has(name) && number > (first ?? 0) && number < (last ?? 0),
  );
  if (missing) return bad(missing.name, missing.firstSeq, 'the segment is missing');
  if (extra) return bad(extra.name, 0, 'the manifest lists no such segment');
  return null;
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
