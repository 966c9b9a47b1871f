import { type Head, headerOf, UnreadableHead } from './head.ts';
import type { Input } from './input.ts';

/** A body whose bytes do not come as its head promised. */
export class BrokenBody extends Error {
  override readonly name = 'BrokenBody';
}

/** A request's body, and whether all of it was read. */
export interface Body {
  readonly chunks: AsyncGenerator<Buffer, void, void>;
  readonly state: { finished: boolean };
}

/** The body that a head announces. */
export function bodyOf(head: Head, input: Input): Body {
  const state = { finished: false };
  const length = lengthOf(head);
  if (length === 0) state.finished = true;
  const read = length === 'chunked' ? chunked(input) : counted(input, length);
  return { chunks: finishing(read, state), state };
}

async function* finishing(
  read: AsyncGenerator<Buffer, void, void>,
  state: { finished: boolean },
): AsyncGenerator<Buffer, void, void> {
  yield* read;
  state.finished = true;
}

function lengthOf(head: Head): number | 'chunked' {
  const values = head.headers.filter(([name]) => name === 'content-length');
  const encodings = head.headers.filter(([name]) => name === 'transfer-encoding');
  if (values.length + encodings.length > 1) throw new UnreadableHead(400);
  const encoding = headerOf(head, 'transfer-encoding')?.toLowerCase();
  if (encoding !== undefined) {
    if (encoding === 'identity') return 0;
    if (encoding !== 'chunked' || head.minor === 0) throw new UnreadableHead(400);
    return 'chunked';
  }
  const text = headerOf(head, 'content-length') ?? '0';
  if (!/^\d{1,15}$/.test(text)) throw new UnreadableHead(400);
  return Number(text);
}

async function* counted(input: Input, length: number): AsyncGenerator<Buffer, void, void> {
  for (let left = length; left > 0; ) {
    const chunk = await input.some(left);
    if (!chunk) throw new BrokenBody('None');
    left -= chunk.length;
    yield chunk;
  }
}

async function* chunked(input: Input): AsyncGenerator<Buffer, void, void> {
  for (;;) {
    const line = await input.line(4096);
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line ?? '')?.[1];
    if (size === undefined) throw new BrokenBody('None');
    const length = Number.parseInt(size, 16);
    if (length > 0) yield* counted(input, length);
    // A trailer section is not read: an empty line has to follow, here as behind each chunk.
    if ((await input.line(4096)) !== '') throw new BrokenBody('None');
    if (length === 0) return;
  }
}
