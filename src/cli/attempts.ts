import { isWithin, pagesOf, type Span } from '../audit/past.ts';
import type { Told } from '../audit/story.ts';

/** How often each operation was sent to one database, as audit logs tell. */
export interface Logged {
  readonly attempts: ReadonlyMap<string, number>;
  /** When the first record was written; null where there is none. */
  readonly from: string | null;
}

/** Counts the attempts at one upstream in several logs since then, in milliseconds since 1970. */
export function attemptsIn(
  directories: readonly string[],
  upstream: string,
  since: number | null,
): Logged {
  const from = since === null ? null : `${new Date(since).toISOString().slice(0, 23)}000Z`;
  const { take, logged } = countAt(upstream, { from, to: null });
  for (const directory of directories) {
    for (const page of pagesOf(directory, { from, to: null })) {
      for (const record of page) if (record) take(record);
    }
  }
  return logged();
}

/** An intent is one attempt until its outcome tells how many it took. */
function countAt(upstream: string, span: Span) {
  const attempts = new Map<string, number>();
  const open = new Map<unknown, string>();
  let from: string | null = null;
  const add = (operation: string, count: number) =>
    attempts.set(operation, (attempts.get(operation) ?? 0) + count);
  return {
    take: (record: Told): void => {
      const time = String(record['time']);
      if (from === null || time < from) from = time;
      const { kind } = record;
      const request = record['request'];
      const earlier = open.get(request);
      if (kind === 'intent' && record['upstream'] === upstream && isWithin(span, record)) {
        const operation = String(record['operation']);
        open.set(request, operation);
        add(operation, 1);
      } else if (kind === 'outcome' && earlier !== undefined) {
        open.delete(request);
        add(earlier, Number(record['attempts']) - 1);
      }
    },
    logged: (): Logged => ({ attempts, from }),
  };
}
