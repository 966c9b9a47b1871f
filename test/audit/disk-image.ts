import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskOp, DiskTrace } from './disk-trace.ts';

/**
 * What a loss of power does to changes that were not synced: none of them is there, all are, those up
 * to some moment are and the last of these in part, or each for itself is, in part, or not.
 */
export type Loss = 'nothing' | 'everything' | 'from here on' | 'here and there';

/** Numbers from 0 to 1 that a seed decides. */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/** Writes into a directory what is on the disk when the power goes at this place in a trace. Gives how
 * many changes were lost or torn. */
export function writeImage(
  { ops, syncs }: DiskTrace,
  { at, loss, chance }: { readonly at: number; readonly loss: Loss; readonly chance: () => number },
  directory: string,
): number {
  const begun = ops.filter(({ started }) => started <= at);
  const isSafe = (op: DiskOp) =>
    syncs.some((sync) => sync.inode === op.inode && sync.ended <= at && op.ended < sync.started);
  const unsafe = begun.filter((op) => !isSafe(op));
  const until = Math.floor(chance() * unsafe.length);
  const share = new Map<DiskOp, number>();
  for (const [index, op] of unsafe.entries()) {
    if (loss === 'nothing') share.set(op, 0);
    if (loss === 'from here on' && index >= until) share.set(op, index > until ? 0 : chance());
    if (loss === 'here and there') share.set(op, Math.min(1, Math.max(0, chance() * 3 - 1)));
  }
  const files = new Map<number, Buffer>();
  const names = new Map<string, number>();
  for (const op of begun) apply(op, share.get(op) ?? 1, files, names);
  for (const [name, inode] of names) {
    writeFileSync(join(directory, name), files.get(inode) ?? Buffer.alloc(0));
  }
  return share.size;
}

/** A part of a write may be there; of all else, nothing or all. */
function apply(
  { inode, change }: DiskOp,
  share: number,
  files: Map<number, Buffer>,
  names: Map<string, number>,
): void {
  if (change.do === 'write' && inode !== null) {
    const kept = change.bytes.subarray(0, Math.floor(change.bytes.length * share));
    if (kept.length === 0) return;
    const before = files.get(inode) ?? Buffer.alloc(0);
    const after = Buffer.alloc(Math.max(before.length, change.at + kept.length));
    before.copy(after);
    kept.copy(after, change.at);
    files.set(inode, after);
  } else if (share < 1) return;
  else if (change.do === 'truncate' && inode !== null) {
    files.set(inode, (files.get(inode) ?? Buffer.alloc(0)).subarray(0, change.to));
  } else if (change.do === 'name') {
    if (change.was !== undefined) names.delete(change.was);
    names.set(change.name, change.inode);
  } else if (change.do === 'unname') names.delete(change.name);
}
