import { createHash } from 'node:crypto';

/** A snapshot: a file whose bytes are made as they are read. */
export interface Snapshot {
  readonly name: string;
  /** `2026-11-22T16:18:02`, in UTC. */
  readonly createdAt: string;
  readonly size: number;
  readonly checksum: string;
}

/** The number by which the database names itself in its snapshots. */
export const peerId = 708_516_840_243_659;

const block = Buffer.alloc(64 * 1024, 'vectorgate demo snapshot ');

/** A new snapshot of a collection, or of everything. */
export function newSnapshot(of: string, size: number, now: Date): Snapshot {
  const createdAt = now.toISOString().slice(0, 19);
  const stamp = createdAt.replaceAll(/[T:]/g, '-');
  const checksum = createHash('sha256').update(`${of} ${size}`).digest('hex');
  return { name: `${of}-${peerId}-${stamp}.snapshot`, createdAt, size, checksum };
}

/** The bytes of a snapshot from `start` up to `end`, a block at a time. */
export function* snapshotBytes(start: number, end: number): Generator<Buffer> {
  for (let at = start; at < end; ) {
    const from = at % block.length;
    const length = Math.min(block.length - from, end - at);
    yield block.subarray(from, from + length);
    at += length;
  }
}
