import { isUtf8 } from 'node:buffer';
import type { Field, FieldMention, Message, Stretch } from './message.ts';
import { unreadable } from './unreadable.ts';
import { readVarint, skipValue } from './wire.ts';

/** What is known of one message, whose pieces may stand apart. */
interface Instance {
  readonly message: Message;
  readonly texts: Map<number, FieldMention>;
  readonly singles: Map<number, Instance>;
  given: number;
}

/** One stretch that is open. */
interface Frame {
  readonly instance: Instance;
  readonly stretch: Stretch;
}

/** prost refuses the 101st level. */
const deepest = 100;
const mostMentions = 20_000;
/** Messages and strings that are looked into, however few distinct ones they add up to: each costs
 * far more than the two or three bytes it may take, fewer still where it comes compressed. */
const mostPieces = 50_000;

/**
 * Reads one protobuf message by a table, as the database merges it: of a string the last counts,
 * pieces of a singular message are one. It keeps its place, so that a long message is read in
 * slices. Every method throws `Refusal` unreadable-request.
 */
export class MessageReader {
  /** Every string the table marks, in every message it could be in, absent ones too. */
  readonly mentions: FieldMention[] = [];
  /** The marks of messages that are there. */
  readonly marks = new Set<string>();
  /** Elements of counted fields. */
  count = 0;
  /** Messages that count. */
  parts = 0;
  readonly bytes: Buffer;
  at = 0;
  readonly #frames: Frame[] = [];
  #pieces = 0;

  constructor(bytes: Buffer, message: Message) {
    this.bytes = bytes;
    const whole = { lengthAt: 0, start: 0, end: bytes.length, within: null };
    this.#frames.push({ instance: this.#begin(message), stretch: whole });
  }

  /** Reads on for about `work`, in sixteenths of a field. True once the message has been read. */
  advance(work: number): boolean {
    for (let fields = work >> 4; fields > 0; fields--) {
      let frame = this.#frames.at(-1);
      while (frame && this.at === frame.stretch.end) {
        this.#end(frame);
        frame = this.#frames.at(-1);
      }
      if (!frame) return true;
      this.#field(frame);
    }
    return false;
  }

  #field(frame: Frame): void {
    const { instance, stretch } = frame;
    const tag = readVarint(this, stretch.end);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (number === 0) throw unreadable('the message has a field number 0');
    const field = instance.message.fields.get(number);
    if (field === undefined) return this.#passOver(instance, wire, stretch);
    const what = `field ${number} of ${instance.message.what}`;
    if (field.kind === 'refused') throw unreadable(`${what} is not supported`);
    if (wire !== 2) throw unreadable(`${what} has a wrong wire type`);
    const lengthAt = this.at;
    const length = readVarint(this, stretch.end);
    const end = this.at + length;
    if (end > stretch.end) throw unreadable('the message is cut short');
    instance.given++;
    this.#known(instance, number, field, { lengthAt, start: this.at, end, within: stretch });
  }

  #passOver(instance: Instance, wire: number, stretch: Stretch): void {
    if (instance.message.only) {
      throw unreadable(`${instance.message.what} has an unknown variant`);
    }
    skipValue(this, wire, stretch.end);
  }

  #known(instance: Instance, number: number, field: Field, stretch: Stretch): void {
    if (field.kind === 'count') this.count++;
    else if (++this.#pieces > mostPieces) throw unreadable('the message is in too many pieces');
    if (field.kind === 'message') return this.#enter(instance, number, field, stretch);
    if (field.kind === 'text') this.#text(instance, number, stretch);
    this.at = stretch.end;
  }

  #text(instance: Instance, number: number, stretch: Stretch): void {
    const mention = instance.texts.get(number) as FieldMention;
    const bytes = this.bytes.subarray(stretch.start, stretch.end);
    if (!isUtf8(bytes)) throw unreadable('a string of the message is not valid UTF-8');
    mention.value = bytes.toString('utf8');
    mention.places.push(stretch);
  }

  #enter(
    instance: Instance,
    number: number,
    field: Field & { kind: 'message' },
    stretch: Stretch,
  ): void {
    if (this.#frames.length > deepest) throw unreadable('the message is nested too deep');
    if (field.counted) this.parts++;
    if (field.mark !== undefined) this.marks.add(field.mark);
    if (this.mentions.length > mostMentions) {
      throw unreadable('the message gives too many names');
    }
    let inner = field.repeated ? undefined : instance.singles.get(number);
    if (!inner) {
      inner = this.#begin(field.message);
      if (!field.repeated) instance.singles.set(number, inner);
    }
    this.#frames.push({ instance: inner, stretch });
  }

  #begin(message: Message): Instance {
    const texts = new Map<number, FieldMention>();
    for (const [number, field] of message.fields) {
      if (field.kind !== 'text') continue;
      const mention = { mark: field.mark, value: '', places: [] };
      texts.set(number, mention);
      this.mentions.push(mention);
    }
    return { message, texts, singles: new Map(), given: 0 };
  }

  #end(frame: Frame): void {
    const { message, given } = frame.instance;
    if (message.only && given !== 1) throw unreadable(`${message.what} must have one variant`);
    this.#frames.pop();
  }
}
