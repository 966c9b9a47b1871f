import { readFileSync } from 'node:fs';
import type { Place } from './appender.ts';
import { genesis, linkOf } from './chain.ts';
import type { FileOperations } from './files.ts';
import { segmentsIn } from './segment.ts';

/** What earlier runs of a writer left behind. */
export interface Found {
  readonly place: Place;
  /** The number of the next segment. */
  readonly next: number;
  /** The requests of intents without an outcome. */
  readonly open: readonly string[];
  readonly cutBytes: number;
}

export function recover(directory: string, writer: string, _files: FileOperations): Found {
  const segments = segmentsIn(directory, writer);
  const next = (segments.at(-1)?.number ?? 0) + 1;
  const last = segments.findLast((segment) => segment.bytes > 0);
  if (!last) return { place: { seq: 0, prev: genesis }, next, open: [], cutBytes: 0 };
  const bytes = readFileSync(last.path);
  const line = bytes.subarray(bytes.lastIndexOf(10, bytes.length - 2) + 1);
  const { seq } = JSON.parse(line.toString('latin1')) as { seq: number };
  return { place: { seq, prev: linkOf(line) }, next, open: [], cutBytes: 0 };
}
