import type { Protocol, View } from '../operation.ts';

/** The labels whose value is a collection (src/common/metrics.rs). */
const naming = /[{,](?:id|collection)="((?:[^"\\]|\\.)*)"/g;
/** Sums over all collections tell how many there are. */
const summing = /collections_(?:vector_)?total[ {]/;

/** `GET /metrics`: without the samples of collections that may not be listed, and without the sums
 * over all of them. */
export function trimMetrics(_: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  const lines = answer.toString('utf8').split('\n');
  return Buffer.from(lines.filter((line) => mayShow(line, view)).join('\n'), 'utf8');
}

function mayShow(line: string, view: View): boolean {
  if (line.startsWith('#')) return true;
  if (summing.test(line)) return false;
  for (const [, name] of line.matchAll(naming)) {
    if (!view.mayList(name as string)) return false;
  }
  return true;
}
