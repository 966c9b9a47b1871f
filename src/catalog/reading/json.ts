import { isUtf8 } from 'node:buffer';
import { folded } from './fold.ts';
import { endOfText, spelled } from './json-text.ts';
import { SeenKeys } from './seen.ts';
import type { AnyCase, Mention, Shape } from './shape.ts';
import { unreadable } from './unreadable.ts';

/** One object or array that is open. */
interface Frame {
  shape: Shape | undefined;
  object: boolean;
  /** Inside free-form data: keys may repeat. */
  free: boolean;
  readonly seen: SeenKeys;
  /** The shape of the value behind the key that was read last, and where it stands. */
  member: Shape | undefined;
}

/** serde_json refuses the 128th level. */
const deepest = 127;

/** What comes next. `loose` stands among scalars of an array that no shape looks into. */
const want = {
  value: 0,
  first: 1,
  comma: 2,
  key: 3,
  firstKey: 4,
  colon: 5,
  nothing: 6,
  quote: 7,
  loose: 8,
};

const longestScalar = 4096;
const mostMentions = 20_000;

/** What a byte is outside strings: 1 blank, 2 part of a number or literal, 3 a comma, 0 else. */
const classes = new Uint8Array(256);
for (const code of [0x20, 0x09, 0x0a, 0x0d]) classes[code] = 1;
for (const code of Buffer.from('0123456789+-.eEtrufalsn')) classes[code] = 2;
classes[0x2c] = 3;

/**
 * Reads one JSON document (RFC 8259) over its bytes by a shape: UTF-8, one document, no key twice
 * in one object outside free-form data, bounded depth, nothing in a shaped place but what the shape
 * lists. Numbers are not looked into: the database does. It keeps its place, so that a long body is
 * read in slices; it decodes keys and marked strings only. For a database that matches keys in any
 * case, no two keys of an object may differ in case alone, and none may be a listed one in another
 * case. Every method throws `Refusal` unreadable-request.
 */
export class JsonReader {
  /** The marked strings, and watched keys: of these `value` is empty, `start` behind the key. */
  readonly mentions: Mention[] = [];
  /** The marks of objects and arrays that are there. */
  readonly marks = new Set<string>();
  readonly #body: Buffer;
  readonly #frames: Frame[] = [];
  #depth = 0;
  #top: Frame;
  #at = 0;
  #want = want.value;
  readonly #shape: Shape;
  readonly #anyCase: AnyCase | null;

  constructor(body: Buffer, shape: Shape, anyCase: AnyCase | null = null) {
    this.#body = body;
    this.#shape = shape;
    this.#anyCase = anyCase;
    this.#top = this.#frame(0);
    if (!isUtf8(body)) throw unreadable('the body is not valid UTF-8');
  }

  /** Reads on for about `bytes`. True once the document has been read whole. */
  advance(bytes: number): boolean {
    const body = this.#body;
    const stop = Math.min(body.length, this.#at + bytes);
    while (this.#at < stop) {
      const byte = body[this.#at] as number;
      if (this.#want === want.quote) this.#skipText(stop);
      else if (classes[byte] === 1) this.#at++;
      else this.#take(byte, stop);
    }
    if (this.#at < body.length) return false;
    if (this.#want !== want.nothing) throw unreadable('the body is cut short');
    return true;
  }

  #take(byte: number, stop: number): void {
    switch (this.#want) {
      case want.value:
        return this.#value(byte, stop);
      case want.first:
        return byte === 0x5d ? this.#close() : this.#value(byte, stop);
      case want.comma:
        return this.#afterValue(byte);
      case want.loose:
        if (byte === 0x5d || byte === 0x2c) return this.#afterValue(byte);
        return this.#value(byte, stop);
      case want.firstKey:
        return byte === 0x7d ? this.#close() : this.#key(byte);
      case want.key:
        return this.#key(byte);
      case want.colon:
        if (byte !== 0x3a) throw unexpected(this.#at);
        this.#at++;
        this.#want = want.value;
        return;
      default:
        throw unreadable('something follows the body');
    }
  }

  #afterValue(byte: number): void {
    const object = this.#top.object;
    if (byte === 0x2c) {
      this.#at++;
      this.#want = object ? want.key : want.value;
    } else if (byte === (object ? 0x7d : 0x5d)) this.#close();
    else throw unexpected(this.#at);
  }

  /** The shape of the value that comes next. */
  #expected(): Shape | undefined {
    if (this.#depth === 0) return this.#shape;
    return this.#top.object ? this.#top.member : this.#top.shape?.items;
  }

  #value(byte: number, stop: number): void {
    const shape = this.#expected();
    if (shape?.forbidden && byte !== 0x6e) throw unreadable(`${shape.what} is not supported`);
    if (byte === 0x7b || byte === 0x5b) this.#open(byte === 0x7b, shape);
    else if (byte === 0x22) this.#text(shape);
    else if (classes[byte] === 2) this.#scalar(shape, stop);
    else throw unexpected(this.#at);
  }

  #open(object: boolean, shape: Shape | undefined): void {
    if (shape && !shape.free && (object ? shape.members : shape.items) === undefined) {
      throw unreadable(`${shape.what} must not be ${object ? 'an object' : 'an array'}`);
    }
    if (this.#depth === deepest) throw unreadable('the body is nested too deep');
    const free = shape?.free === true || (this.#depth > 0 && this.#top.free);
    const frame = this.#frame(this.#depth++);
    frame.shape = shape;
    frame.object = object;
    frame.free = free;
    frame.member = undefined;
    this.#at++;
    this.#top = frame;
    this.#want = object ? want.firstKey : want.first;
  }

  #close(): void {
    const { shape, object, seen } = this.#top;
    this.#at++;
    if (shape && object) checkMembers(shape, seen, this.#anyCase !== null);
    if (object) seen.clear();
    if (shape?.mark !== undefined && !shape.text) this.marks.add(shape.mark);
    this.#depth--;
    if (this.#depth > 0) this.#top = this.#frames[this.#depth - 1] as Frame;
    this.#done();
  }

  #done(): void {
    this.#want = this.#depth === 0 ? want.nothing : want.comma;
  }

  #key(byte: number): void {
    if (byte !== 0x22) throw unexpected(this.#at);
    const frame = this.#top;
    this.#want = want.colon;
    const end = endOfText(this.#body, this.#at);
    if (!frame.free) {
      const key = spelled(this.#body, this.#at, end);
      if (this.#anyCase === null) frame.seen.add(key);
      else this.#foldedKey(frame, key, end, this.#anyCase);
      frame.member = frame.shape?.members?.get(key);
      if (frame.shape) checkKnown(frame.shape, key, frame.member !== undefined);
    }
    this.#at = end;
  }

  #foldedKey(frame: Frame, key: string, end: number, { watched }: AnyCase): void {
    const plain = folded(key);
    frame.seen.add(plain);
    for (const listed of frame.shape?.members?.keys() ?? []) {
      if (listed === key || folded(listed) !== plain) continue;
      throw unreadable(`the key ${listed} is spelled in another case`);
    }
    const mark = watched.get(plain);
    if (mark === undefined) return;
    if (this.mentions.length === mostMentions) throw unreadable('the body gives too many names');
    this.mentions.push({ mark, value: '', start: end, end });
  }

  #text(shape: Shape | undefined): void {
    if (!shape || shape.free) {
      this.#at++;
      this.#want = want.quote;
      return;
    }
    if (!shape.text) throw unreadable(`${shape.what} must not be a string`);
    const end = endOfText(this.#body, this.#at);
    if (shape.mark !== undefined) this.#mention(shape.mark, end);
    this.#at = end;
    this.#done();
  }

  #mention(mark: string, end: number): void {
    if (this.mentions.length === mostMentions) throw unreadable('the body gives too many names');
    const value = spelled(this.#body, this.#at, end);
    this.mentions.push({ mark, value, start: this.#at, end });
  }

  #skipText(stop: number): void {
    const body = this.#body;
    let at = this.#at;
    while (at < stop) {
      const byte = body[at] as number;
      if (byte === 0x22) {
        this.#at = at + 1;
        return this.#done();
      }
      at += byte === 0x5c ? 2 : 1;
    }
    this.#at = at;
  }

  /** A number or literal; in an array where no shape asks, as many as come. */
  #scalar(shape: Shape | undefined, stop: number): void {
    if (shape && !shape.free) this.#null(shape);
    else if (this.#depth > 0 && !this.#top.object) return this.#skipScalars(stop);
    else this.#at = endOfScalar(this.#body, this.#at);
    this.#done();
  }

  #null(shape: Shape): void {
    const end = endOfScalar(this.#body, this.#at);
    const isNull = this.#body.toString('latin1', this.#at, end) === 'null';
    if (!isNull || !(shape.nullable || shape.forbidden)) {
      throw unreadable(`${shape.what} must not be ${isNull ? 'null' : 'a number or literal'}`);
    }
    this.#at = end;
  }

  /** Scalars with the commas between them: nothing there that two readers could group in two ways,
   * and whether each is a number is for the database to say. */
  #skipScalars(stop: number): void {
    const body = this.#body;
    let at = this.#at;
    while (at < stop && classes[body[at] as number] !== 0) at++;
    this.#at = at;
    this.#want = want.loose;
  }

  #frame(depth: number): Frame {
    let frame = this.#frames[depth];
    if (!frame) {
      frame = {
        shape: undefined,
        object: false,
        free: false,
        seen: new SeenKeys(),
        member: undefined,
      };
      this.#frames.push(frame);
    }
    return frame;
  }
}

function endOfScalar(body: Uint8Array, from: number): number {
  const stop = Math.min(body.length, from + longestScalar);
  let at = from;
  while (at < stop && classes[body[at] as number] === 2) at++;
  if (at - from === longestScalar) throw unreadable('a number of the body is too long');
  return at;
}

function checkKnown({ what, only, known }: Shape, key: string, listed: boolean): void {
  if (only && !listed) throw unreadable(`${what} has an unknown member`);
  if (known === undefined || known.has(key)) return;
  throw unreadable(`${what} has an unknown member ${JSON.stringify(key.slice(0, 64))}`);
}

function checkMembers(shape: Shape, seen: SeenKeys, anyCase: boolean): void {
  if (shape.only && seen.size !== 1) throw unreadable(`${shape.what} must have one member`);
  for (const key of shape.needed ?? []) {
    if (!seen.has(anyCase ? folded(key) : key)) throw unreadable(`${shape.what} must have ${key}`);
  }
}

function unexpected(at: number) {
  return unreadable(`the body has an unexpected character at byte ${at}`);
}
