import type { Bad, Visit } from './read-chain.ts';
import type { Segment } from './segment.ts';

/** Looks, while a log is read, for the record that explains why it does not begin at record 1. */
export interface Deletions {
  readonly watch: Visit;
  /** Null where the log begins at record 1, or a record tells of what was deleted before. */
  unexplained(): Bad | null;
}

interface First {
  readonly file: string;
  readonly seq: number;
  readonly prev: string;
}

/** The search in one writer's segments. */
export function deletions(segments: readonly Segment[]): Deletions {
  let first: First | null = null;
  let explained = segments[0]?.number === 1;
  return {
    watch: (line, segment, _offset, seq) => {
      if (explained) return;
      first ??= { file: segment.name, seq, prev: prevOf(line) };
      explained = first.seq === 1 || tellsOf(first, line);
    },
    unexplained: () => {
      if (explained || !first) return null;
      const { file, seq } = first;
      const reason = `records 1 to ${seq - 1} are missing, and no record tells of their deletion`;
      return { file, offset: 0, seq, reason, torn: false };
    },
  };
}

const tail = '"}\n'.length;

function prevOf(line: Buffer): string {
  return line.toString('latin1', line.length - tail - 64, line.length - tail);
}

function tellsOf({ seq, prev }: First, line: Buffer): boolean {
  if (!line.includes('"kind":"config","event":"audit.deleted",')) return false;
  const { lastSeq, lastHash } = JSON.parse(line.toString('latin1')) as Record<string, unknown>;
  return lastSeq === seq - 1 && lastHash === prev;
}
