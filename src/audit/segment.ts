import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bytesIn } from './segment-bytes.ts';

/** One file of a writer's log. */
export interface Segment {
  /** Ends in `.gz` where it is compressed. */
  readonly path: string;
  /** `w1-12.jsonl`, compressed or not. */
  readonly name: string;
  readonly writer: string;
  /** Counted from 1 for each writer. */
  readonly number: number;
  /** Of what was written, whatever its file takes. */
  readonly bytes: number;
}

/** The number in a segment's name; 0 where it is none. */
export function segmentNumber(name: string): number {
  return Number(/-(\d+)\.jsonl$/.exec(name)?.[1] ?? 0);
}

/** The segments in a directory, in the order in which each writer wrote them. Throws `Error` where
 * the directory cannot be read. */
export function segmentsIn(directory: string, writer?: string): Segment[] {
  const names = new Set(readdirSync(directory));
  const found: Segment[] = [];
  for (const file of names) {
    const [, name, owner, number, packed] = /^((w\d+)-(\d+)\.jsonl)(\.gz)?$/.exec(file) ?? [];
    if (name === undefined || owner === undefined) continue;
    if (writer !== undefined && owner !== writer) continue;
    // Until the plain file is removed, it is the one that counts.
    if (packed !== undefined && names.has(name)) continue;
    const path = join(directory, file);
    const bytes = bytesIn(path);
    if (bytes !== null) found.push({ path, name, writer: owner, number: Number(number), bytes });
  }
  return found.sort(
    (a, b) => Number(a.writer.slice(1)) - Number(b.writer.slice(1)) || a.number - b.number,
  );
}

/** The segments of a log that must be there. Throws `Error` for people where there is none. */
export function logIn(directory: string): Segment[] {
  const segments = existsSync(directory) ? segmentsIn(directory) : [];
  if (segments.length > 0) return segments;
  throw new Error(`there is no audit log in ${directory}; name the audit.directory`);
}
