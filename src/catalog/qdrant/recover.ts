import { Refusal } from '../../refusal.ts';
import type { Names } from '../operation.ts';
import { isName } from '../reading/name.ts';
import { needOf, needsOf, referTo } from './need.ts';
import type { Given, RowOf, Verdict } from './row.ts';

/**
 * What restoring a collection from a snapshot needs: its own right, and where the file lies in
 * another collection's directory the right to export that one. Only `file:` locations pass: through
 * a URL the database would fetch whatever it can reach, itself without a key included.
 */
export function judgeRecover(given: Given, names: Names, rowOf: RowOf): Verdict {
  const needs = needsOf(given, names, rowOf);
  const location = given.texts.find(({ mark }) => mark === 'location')?.value ?? '';
  const directory = snapshotDirectory(location);
  if (directory === null) return { needs, objection: elsewhere(location), instead: null };
  const target = referTo(given.row, given.collection as string, names).resolved;
  if (directory === target) return { needs, objection: null, instead: null };
  const source = { named: directory, resolved: directory };
  needs.push(needOf(rowOf('snapshots.download'), source));
  const objection = names.isCollection(directory) ? null : elsewhere(location);
  return { needs, objection, instead: null };
}

/** A shard is restored from a file name in its own directory; see `judgeRecover` for URLs. */
export function judgeShardRecover(given: Given, names: Names, rowOf: RowOf): Verdict {
  const needs = needsOf(given, names, rowOf);
  const location = given.texts.find(({ mark }) => mark === 'location')?.value ?? '';
  return { needs, objection: isName(location) ? null : elsewhere(location), instead: null };
}

/**
 * The collection in whose directory a `file:` location lies: `<snapshots>/<collection>/<file>`;
 * null for every other location. Read as Qdrant reads it, by the WHATWG rules; nothing encoded, and
 * no shard's directory, which lies below the collection's.
 */
function snapshotDirectory(location: string): string | null {
  const url = URL.parse(location);
  if (url?.protocol !== 'file:' || url.host !== '') return null;
  if (url.search !== '' || url.hash !== '' || url.pathname.includes('%')) return null;
  const segments = url.pathname.split('/').slice(1);
  const file = segments.pop();
  const directory = segments.pop();
  if (file === undefined || directory === undefined) return null;
  if (!isName(file) || !isName(directory) || segments.includes('shards')) return null;
  return directory;
}

function elsewhere(location: string): Refusal {
  return new Refusal('not-permitted', `snapshots are not restored from ${location.slice(0, 200)}`, {
    told: "Forbidden: Snapshots are restored only from a collection's own directory or an upload",
  });
}
