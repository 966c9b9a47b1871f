import { endOfText, spelled } from './json-text.ts';
import type { Edit } from './splice.ts';

/** Where a JSON value stands in its document. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A well-formed JSON document looked at in place, for answers of which a part is left out. What is
 * kept stays as its bytes are; numbers are never read. Throws `TypeError` where a value is not what
 * it is asked to be.
 */
export class JsonView {
  readonly #body: Buffer;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** The value at the end of this path of members; null where a member is missing or null. */
  at(...path: readonly string[]): Span | null {
    let span: Span | null = this.#value(0);
    for (const key of path) {
      if (span === null || this.#body[span.start] === 0x6e) return null;
      span = this.member(span, key);
    }
    return span === null || this.#body[span.start] === 0x6e ? null : span;
  }

  /** The value behind the colon that follows a key which ends here. */
  behindKey(end: number): Span {
    const colon = this.#blank(end);
    this.#expect(colon, 0x3a);
    return this.#value(colon + 1);
  }

  /** A value as it is spelled. */
  raw({ start, end }: Span): string {
    return this.#body.toString('utf8', start, end);
  }

  /** Whether an object has no members. */
  isEmpty(object: Span): boolean {
    return this.#members(object).length === 0;
  }

  member(object: Span, key: string): Span | null {
    return this.#members(object).find((member) => member.key === key)?.value ?? null;
  }

  /** A string's text; null for every other value. */
  text(span: Span | null): string | null {
    if (span === null || this.#body[span.start] !== 0x22) return null;
    return spelled(this.#body, span.start, span.end);
  }

  /** An array with only the elements that `keep` keeps, and how many they are. */
  keepElements(array: Span, keep: (element: Span) => boolean): { edit: Edit; kept: number } {
    const kept = this.elements(array).filter(keep);
    return { edit: this.#write(array, '[]', kept), kept: kept.length };
  }

  /** An object with only the members whose keys `keep` keeps. */
  keepMembers(object: Span, keep: (key: string) => boolean): Edit {
    const kept = this.#members(object).filter(({ key }) => keep(key));
    return this.#write(object, '{}', kept);
  }

  #write(span: Span, brackets: '[]' | '{}', kept: readonly Span[]): Edit {
    const inner = kept.map(({ start, end }) => this.#body.toString('latin1', start, end)).join(',');
    const bytes = Buffer.from(`${brackets[0]}${inner}${brackets[1]}`, 'latin1');
    return { start: span.start, end: span.end, bytes };
  }

  elements(array: Span): Span[] {
    this.#expect(array.start, 0x5b);
    const found: Span[] = [];
    let at = this.#blank(array.start + 1);
    while (this.#body[at] !== 0x5d) {
      const value = this.#value(at);
      found.push(value);
      at = this.#separator(value.end, 0x5d);
    }
    return found;
  }

  #members(object: Span): (Span & { readonly key: string; readonly value: Span })[] {
    this.#expect(object.start, 0x7b);
    const found: (Span & { key: string; value: Span })[] = [];
    let at = this.#blank(object.start + 1);
    while (this.#body[at] !== 0x7d) {
      this.#expect(at, 0x22);
      const end = endOfText(this.#body, at);
      const value = this.behindKey(end);
      found.push({ start: at, end: value.end, key: spelled(this.#body, at, end), value });
      at = this.#separator(value.end, 0x7d);
    }
    return found;
  }

  /** Past a comma; at the closing bracket where there is none. */
  #separator(from: number, close: number): number {
    const at = this.#blank(from);
    if (this.#body[at] === 0x2c) return this.#blank(at + 1);
    this.#expect(at, close);
    return at;
  }

  #value(from: number): Span {
    const start = this.#blank(from);
    const first = this.#body[start];
    if (first === 0x7b || first === 0x5b) return { start, end: this.#closing(start) };
    if (first === 0x22) return { start, end: this.#quoted(start) };
    let end = start;
    while (end < this.#body.length && !ends.has(this.#body[end] as number)) end++;
    if (end === start) throw new TypeError(`no JSON value at byte ${start} of the answer`);
    return { start, end };
  }

  #closing(start: number): number {
    let depth = 0;
    for (let at = start; at < this.#body.length; ) {
      const byte = this.#body[at] as number;
      if (byte === 0x22) {
        at = this.#quoted(at);
        continue;
      }
      at++;
      if (byte === 0x7b || byte === 0x5b) depth++;
      else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at;
    }
    throw new TypeError('the answer is cut short');
  }

  #quoted(start: number): number {
    let at = start + 1;
    while (at < this.#body.length && this.#body[at] !== 0x22) at += this.#body[at] === 0x5c ? 2 : 1;
    return at + 1;
  }

  #blank(from: number): number {
    let at = from;
    while (blanks.has(this.#body[at] as number)) at++;
    return at;
  }

  #expect(at: number, byte: number): void {
    if (this.#body[at] === byte) return;
    throw new TypeError(`byte ${at} of the answer is not ${String.fromCharCode(byte)}`);
  }
}

const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);
const ends = new Set([...blanks, 0x2c, 0x5d, 0x7d]);
