import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One file of a writer's log. */
export interface Segment {
  readonly path: string;
  /** `w1-12.jsonl` */
  readonly name: string;
  readonly writer: string;
  /** Counted from 1 for each writer. */
  readonly number: number;
  readonly bytes: number;
}

/** `w1-12.jsonl` */
export function segmentName(writer: string, number: number): string {
  return `${writer}-${number}.jsonl`;
}

/** The segments in a directory, in the order in which each writer wrote them. Throws `Error` where
 * the directory cannot be read. */
export function segmentsIn(directory: string, writer?: string): Segment[] {
  const found: Segment[] = [];
  for (const name of readdirSync(directory)) {
    const match = /^(w\d+)-(\d+)\.jsonl$/.exec(name);
    const [, owner, number] = match ?? [];
    if (owner === undefined || (writer !== undefined && owner !== writer)) continue;
    const path = join(directory, name);
    found.push({ path, name, writer: owner, number: Number(number), bytes: statSync(path).size });
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
