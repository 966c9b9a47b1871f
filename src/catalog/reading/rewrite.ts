import type { FieldMention, Stretch } from './message.ts';
import { type Edit, splice } from './splice.ts';
import { varint } from './wire.ts';

/** A string field and what is to stand in all its places. */
export interface Rewrite {
  readonly mention: FieldMention;
  readonly value: string;
}

/** Bytes of a message that others take the place of, and the message they stand in. */
export interface Change extends Edit {
  readonly within: Stretch | null;
}

/** A message with these strings replaced, and the lengths of all messages around them mended. */
export function rewriteMessage(bytes: Buffer, rewrites: readonly Rewrite[]): Buffer {
  const changes = rewrites.flatMap(({ mention, value }) =>
    mention.places.map((place) => replaceText(place, value)),
  );
  return mendMessage(bytes, changes);
}

/** The change by which this text stands in a length-delimited place. */
export function replaceText({ lengthAt, end, within }: Stretch, value: string): Change {
  const written = Buffer.from(value, 'utf8');
  const bytes = Buffer.concat([varint(written.length), written]);
  return { start: lengthAt, end, bytes, within };
}

/** A message with these changes made, which do not overlap, and the lengths of all messages around
 * them mended. */
export function mendMessage(bytes: Buffer, changes: readonly Change[]): Buffer {
  const edits: Edit[] = [...changes];
  const growth = new Map<Stretch, number>();
  for (const { start, end, bytes: written, within } of changes) {
    grow(growth, within, written.length - (end - start));
  }
  mendLengths(edits, growth);
  edits.sort((one, other) => one.start - other.start);
  return splice(bytes, edits);
}

/** From the innermost message outwards: a length that takes more bytes makes its own surroundings
 * longer. */
function mendLengths(edits: Edit[], growth: Map<Stretch, number>): void {
  const inward = [...growth.keys()].sort((one, other) => depth(other) - depth(one));
  for (let at = 0; at < inward.length; at++) {
    const stretch = inward[at] as Stretch;
    if (stretch.within === null) continue;
    const bytes = varint(stretch.end - stretch.start + (growth.get(stretch) ?? 0));
    edits.push({ start: stretch.lengthAt, end: stretch.start, bytes });
    grow(growth, stretch.within, bytes.length - (stretch.start - stretch.lengthAt));
  }
}

function grow(growth: Map<Stretch, number>, stretch: Stretch | null, by: number): void {
  for (let at = stretch; at !== null; at = at.within) growth.set(at, (growth.get(at) ?? 0) + by);
}

function depth(stretch: Stretch): number {
  let levels = 0;
  for (let at = stretch.within; at !== null; at = at.within) levels++;
  return levels;
}
