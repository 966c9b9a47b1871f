import { closeSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';

/**
 * A compressed segment is a gzip file (RFC 1952) of one member for each mebibyte, so that any gzip
 * reads it whole, and we read it in bounded memory: each member's header has an extra field `VG`
 * with the bytes of the member, those it stands for, and those of the whole segment (32 bits each).
 */
export const memberBytes = 1024 * 1024;

const headBytes = 28;
const footBytes = 8;
const fixed = Buffer.from([31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 16, 0, 86, 71, 12, 0]);

/** What a member's header says, in bytes. */
export interface Member {
  readonly packed: number;
  readonly raw: number;
  /** Of the whole segment, uncompressed. */
  readonly total: number;
}

/** One member around what `deflateRaw` made of `raw`. */
export function memberOf(deflated: Uint8Array, raw: Uint8Array, total: number): Buffer {
  const member = Buffer.allocUnsafe(headBytes + deflated.length + footBytes);
  member.set(fixed);
  member.writeUInt32LE(member.length, 16);
  member.writeUInt32LE(raw.length, 20);
  member.writeUInt32LE(total, 24);
  member.set(deflated, headBytes);
  member.writeUInt32LE(crc32(raw), member.length - footBytes);
  member.writeUInt32LE(raw.length, member.length - 4);
  return member;
}

/** The bytes of a compressed segment, as they were before. */
export interface Members {
  readonly total: number;
  /** Copies bytes from a place in the segment; gives how many, 0 at its end. Throws `Error` where
   * the file is damaged. */
  read(into: Buffer, at: number, length: number, position: number): number;
  close(): void;
}

/** Opens a compressed segment. Throws the file system's error, or `Error` where it is damaged. */
export function openMembers(path: string): Members {
  const file = openSync(path, 'r');
  try {
    return membersOf(file, path);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

interface Held {
  /** Where the member stands in the file, and what it holds in the segment. */
  readonly offset: number;
  readonly position: number;
  readonly head: Member;
  bytes: Buffer | null;
}

function membersOf(file: number, path: string): Members {
  const at = (offset: number, position: number): Held | null => {
    const head = headAt(file, offset, path);
    return head && { offset, position, head, bytes: null };
  };
  let held = at(0, 0);
  const total = held?.head.total ?? 0;
  return {
    total,
    read: (into, start, length, position) => {
      if (held && position < held.position) held = at(0, 0);
      while (held && position >= held.position + held.head.raw) {
        held = at(held.offset + held.head.packed, held.position + held.head.raw);
      }
      if (!held) return 0;
      held.bytes ??= inflated(file, held, path);
      const from = position - held.position;
      return held.bytes.copy(into, start, from, from + length);
    },
    close: () => closeSync(file),
  };
}

function headAt(file: number, offset: number, path: string): Member | null {
  const head = Buffer.alloc(headBytes);
  const got = readSync(file, head, 0, headBytes, offset);
  if (got === 0) return null;
  if (got < headBytes || !head.subarray(0, fixed.length).equals(fixed)) throw damaged(path, offset);
  const member = {
    packed: head.readUInt32LE(16),
    raw: head.readUInt32LE(20),
    total: head.readUInt32LE(24),
  };
  const least = headBytes + footBytes;
  if (member.packed < least || member.packed > 2 * memberBytes || member.raw > memberBytes) {
    throw damaged(path, offset);
  }
  return member;
}

function inflated(file: number, { offset, head }: Held, path: string): Buffer {
  const packed = Buffer.allocUnsafe(head.packed);
  if (readSync(file, packed, 0, head.packed, offset) < head.packed) throw damaged(path, offset);
  const body = packed.subarray(headBytes, head.packed - footBytes);
  let raw: Buffer;
  try {
    raw = inflateRawSync(body, { chunkSize: head.raw + 64, maxOutputLength: memberBytes });
  } catch (cause) {
    throw damaged(path, offset, cause);
  }
  const sum = packed.readUInt32LE(head.packed - footBytes);
  if (raw.length !== head.raw || crc32(raw) !== sum) throw damaged(path, offset);
  return raw;
}

function damaged(path: string, offset: number, cause?: unknown): Error {
  return new Error(`${path} is damaged at byte ${offset}: it cannot be decompressed`, { cause });
}
