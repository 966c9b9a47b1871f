import { isUtf8 } from 'node:buffer';
import type { Stretch } from '../reading/message.ts';
import { unreadable } from '../reading/unreadable.ts';
import { readVarint, skipValue } from '../reading/wire.ts';
import type { Field, Mention, Message } from './message.ts';

/** One message that is open. */
interface Frame {
  readonly message: Message;
  readonly stretch: Stretch;
  /** The singular fields that were given. */
  readonly given: Set<number>;
}

/** One field, its tag read. */
interface Tag {
  readonly at: number;
  readonly number: number;
  readonly wire: number;
}

/** What Milvus's own messages nest stays far below. */
const deepest = 16;
/** Strings, numbers and messages that are looked into: each costs far more than it takes to
 * send. */
const mostPieces = 20_000;
const wiresOf: Readonly<Record<string, readonly number[]>> = {
  v: [0],
  V: [0, 2],
  d: [1],
  D: [1, 2],
  f: [5],
  F: [5, 2],
  s: [2],
  S: [2],
};

/**
 * Reads one protobuf message by a table, strictly: every field must be in the table, of its wire
 * type, and given once unless it is repeated, so that no two readers understand it differently. It
 * keeps its place, so that a long message is read in slices. Every method throws `Refusal`
 * unreadable-request.
 */
export class MessageReader {
  readonly mentions: Mention[] = [];
  readonly bytes: Buffer;
  at = 0;
  readonly #frames: Frame[] = [];
  #pieces = 0;

  constructor(bytes: Buffer, message: Message) {
    this.bytes = bytes;
    const stretch = { lengthAt: 0, start: 0, end: bytes.length, within: null };
    this.#frames.push({ message, stretch, given: new Set() });
  }

  /** Reads on for about `work`, in sixteenths of a field. True once the message has been read. */
  advance(work: number): boolean {
    for (let fields = work >> 4; fields > 0; fields--) {
      let frame = this.#frames.at(-1);
      while (frame && this.at === frame.stretch.end) {
        checkWhole(frame);
        this.#frames.pop();
        frame = this.#frames.at(-1);
      }
      if (!frame) return true;
      this.#field(frame);
    }
    return false;
  }

  #field(frame: Frame): void {
    const { message, stretch } = frame;
    const at = this.at;
    const read = readVarint(this, stretch.end);
    const tag = { at, number: Math.floor(read / 8), wire: read % 8 };
    checkTag(frame, tag);
    const field = message.fields.get(tag.number);
    if (field === undefined) return skipValue(this, tag.wire, stretch.end);
    if (++this.#pieces > mostPieces) throw unreadable('the message is in too many pieces');
    const start = this.at;
    skipValue(this, tag.wire, stretch.end);
    this.#known(frame, tag, field, this.#stretchOf(tag, start, stretch));
  }

  /** The bytes of the value that was passed over, without its length. */
  #stretchOf(tag: Tag, lengthAt: number, within: Stretch): Stretch {
    const end = this.at;
    if (tag.wire !== 2) return { lengthAt, start: lengthAt, end, within };
    const cursor = { bytes: this.bytes, at: lengthAt };
    readVarint(cursor, end);
    return { lengthAt, start: cursor.at, end, within };
  }

  #known(frame: Frame, tag: Tag, field: Field, place: Stretch): void {
    const mention = (mark: string, value: string) => {
      this.mentions.push({ mark, value, tagAt: tag.at, place });
    };
    if (field.kind === 'text') mention(field.mark, this.#text(place));
    else if (field.kind === 'number') mention(field.mark, this.#number(tag, frame, place));
    else if (field.kind === 'only') this.#only(field.value, tag, frame, place);
    else if (field.kind === 'cut') mention('cut', '');
    else if (field.kind === 'message') {
      if (field.mark !== undefined) mention(field.mark, '');
      this.#enter(field.message, place);
    } else if (this.#says(tag, place)) mention(field.mark, '');
  }

  #text({ start, end }: Stretch): string {
    const bytes = this.bytes.subarray(start, end);
    if (!isUtf8(bytes)) throw unreadable('a string of the message is not valid UTF-8');
    return bytes.toString('utf8');
  }

  #number({ number, wire }: Tag, { message }: Frame, { start, end }: Stretch): string {
    if (wire !== 0) throw unreadable(`field ${number} of ${message.what} is not one number`);
    let value = 0n;
    for (let at = end - 1; at >= start; at--) {
      value = value * 128n + BigInt((this.bytes[at] as number) & 0x7f);
    }
    return BigInt.asIntN(64, value).toString();
  }

  #only(value: string, tag: Tag, frame: Frame, place: Stretch): void {
    if (this.#number(tag, frame, place) === value) return;
    throw unreadable(`field ${tag.number} of ${frame.message.what} is not ${value}`);
  }

  /** Whether a value is neither zero nor empty. */
  #says({ wire }: Tag, { start, end }: Stretch): boolean {
    if (wire === 2) return end > start;
    for (let at = start; at < end; at++) if (((this.bytes[at] as number) & 0x7f) > 0) return true;
    return false;
  }

  #enter(message: Message, stretch: Stretch): void {
    if (this.#frames.length > deepest) throw unreadable('the message is nested too deep');
    this.at = stretch.start;
    this.#frames.push({ message, stretch, given: new Set() });
  }
}

function checkWhole({ message, given }: Frame): void {
  for (const number of message.required) {
    if (!given.has(number)) throw unreadable(`field ${number} of ${message.what} is missing`);
  }
}

function checkTag({ message, given }: Frame, { number, wire }: Tag): void {
  const letter = number === 0 ? '-' : (message.wires[number - 1] ?? '-');
  const wires = wiresOf[letter];
  const what = `field ${number} of ${message.what}`;
  if (wires === undefined) throw unreadable(`${what} is unknown`);
  if (!wires.includes(wire)) throw unreadable(`${what} has a wrong wire type`);
  if (letter < 'a') return;
  if (given.has(number)) throw unreadable(`${what} is given twice`);
  given.add(number);
}
