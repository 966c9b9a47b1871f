import { Failure } from '../failure.ts';
import { newSnapshot, type Snapshot } from './snapshot.ts';

/** What snapshots are kept of. */
export interface SnapshotHolder {
  readonly name: string;
  readonly snapshots: Map<string, Snapshot>;
}

/** Makes a snapshot and keeps it. */
export function keptSnapshot({ name, snapshots }: SnapshotHolder, size: number): Snapshot {
  const made = newSnapshot(name, size, new Date());
  snapshots.set(made.name, made);
  return made;
}

/** Forgets a snapshot. */
export function dropSnapshot(snapshots: Map<string, Snapshot>, name: string): void {
  if (!snapshots.delete(name)) throw new Failure('notFound', `Snapshot ${name} not found`);
}
