import type { Counter } from '../operation.ts';

/** Where in a JSON document points are: which members and elements lead to them. */
export interface Tally {
  readonly members?: Readonly<Record<string, Tally>>;
  readonly items?: Tally;
  /** Each element of an array here is a point. */
  readonly elements?: true;
  /** An object here is a point. */
  readonly itself?: true;
}

const quote = 0x22;
const backslash = 0x5c;
const longestKey = 64;

/** 0 means nothing here; quotes, brackets, colons and commas stand for themselves. */
const signs = new Uint8Array(256);
for (const code of Buffer.from('"[]{}:,')) signs[code] = code;

/** How a byte changes the depth, outside strings: 1 deeper, 2 back, 3 a string begins. */
const turns = new Uint8Array(256);
for (const code of Buffer.from('[{')) turns[code] = 1;
for (const code of Buffer.from(']}')) turns[code] = 2;
turns[quote] = 3;

/**
 * Counts points in a JSON document that passes in pieces. It trusts nothing, holds a key at most,
 * never throws: on a malformed document it counts what it saw.
 */
export class JsonCounter implements Counter {
  points = 0;
  readonly #open: (Tally & { readonly object: boolean })[] = [];
  #next: Tally | undefined;
  /** Brackets that are open below the last tally that matters. */
  #below = 0;
  #inText = false;
  #escaped = false;
  /** Null while the text that passes is no key. */
  #key: string | null = null;
  #expectKey = false;

  constructor(tally: Tally) {
    this.#next = tally;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#inText) at = this.#text(chunk, at);
      else if (this.#below > 0) at = this.#pass(chunk, at);
      else {
        const sign = signs[chunk[at++] as number] as number;
        if (sign !== 0) this.#sign(sign);
        else if (this.#key === null) this.#scalar(chunk[at - 1] as number);
      }
    }
  }

  /** Inside a string: to its closing quote. */
  #text(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#escaped) {
      this.#escaped = false;
      at++;
    }
    while (at < chunk.length) {
      const byte = chunk[at] as number;
      if (byte === quote) break;
      at += byte === backslash ? 2 : 1;
    }
    this.#escaped = at > chunk.length;
    const end = Math.min(at, chunk.length);
    if (this.#key !== null && this.#key.length < longestKey) {
      const part = Buffer.from(chunk.buffer, chunk.byteOffset + from, end - from);
      this.#key += part.toString('latin1');
    }
    if (at >= chunk.length) return chunk.length;
    this.#inText = false;
    if (this.#key !== null) this.#endKey(this.#key);
    return at + 1;
  }

  #endKey(key: string): void {
    const members = this.#open.at(-1)?.members ?? {};
    const name = spelledKey(key);
    this.#next = Object.hasOwn(members, name) ? members[name] : undefined;
    this.#key = null;
    this.#expectKey = false;
  }

  /** Where nothing counts: to the bracket that ends it. */
  #pass(chunk: Uint8Array, from: number): number {
    let below = this.#below;
    let at = from;
    while (at < chunk.length && below > 0) {
      const turn = turns[chunk[at++] as number] as number;
      if (turn === 0) continue;
      if (turn === 3) {
        this.#inText = true;
        break;
      }
      below += turn === 1 ? 1 : -1;
    }
    this.#below = below;
    return at;
  }

  #sign(sign: number): void {
    const top = this.#open.at(-1);
    if (sign === quote) {
      this.#inText = true;
      if (this.#expectKey) this.#key = '';
      else this.#value();
    } else if (sign === 0x7b || sign === 0x5b) this.#enter(sign === 0x7b);
    else if (sign === 0x7d || sign === 0x5d) this.#leave();
    else if (sign === 0x2c && top) {
      this.#expectKey = top.object;
      this.#next = top.object ? undefined : top.items;
      this.#counted = false;
    }
  }

  /** Whether the value that passes in an array of points has been counted. */
  #counted = false;

  #value(): void {
    if (this.#counted || !this.#open.at(-1)?.elements) return;
    this.#counted = true;
    this.points++;
  }

  #scalar(byte: number): void {
    if (byte > 0x20) this.#value();
  }

  #enter(object: boolean): void {
    this.#value();
    const tally = this.#next;
    if (object && tally?.itself) this.points++;
    const matters = object ? tally?.members : (tally?.items ?? tally?.elements);
    if (!tally || matters === undefined) {
      this.#below = 1;
      return;
    }
    this.#open.push({ ...tally, object });
    this.#expectKey = object;
    this.#next = object ? undefined : tally.items;
    this.#counted = false;
  }

  #leave(): void {
    this.#open.pop();
    this.#next = undefined;
    this.#expectKey = false;
    this.#counted = true;
  }
}

/** What a key spells; as it stands where it is malformed. */
function spelledKey(key: string): string {
  if (!key.includes('\\')) return key;
  try {
    return JSON.parse(`"${key}"`) as string;
  } catch {
    return key;
  }
}
