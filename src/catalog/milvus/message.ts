import type { Stretch } from '../reading/message.ts';

/**
 * What the gateway must know of one protobuf message of Milvus: every field it may have, and those
 * whose content matters. A field that is not here is refused: a newer Milvus may read it.
 */
export interface Message {
  /** For messages: `CreateCollectionRequest`. */
  readonly what: string;
  /**
   * A letter for each field number from 1 on: `v` a varint, `d` eight bytes, `f` four, `s` what has
   * a length (string, bytes, message); a capital where it may be repeated; `-` where there is no
   * such field.
   */
  readonly wires: string;
  readonly fields: ReadonlyMap<number, Field>;
  /** The fields that must be there. */
  readonly required: readonly number[];
}

/** What must be known of the content of one field. */
export type Field =
  /** A string, reported under this mark. */
  | { readonly kind: 'text'; readonly mark: string }
  /** A number, reported in decimal under this mark. */
  | { readonly kind: 'number'; readonly mark: string }
  /** A number that must be there, and be this one. */
  | { readonly kind: 'only'; readonly value: string }
  /** A message, or bytes that are one; that it is there is reported under a mark. */
  | { readonly kind: 'message'; readonly message: Message; readonly mark?: string }
  /** May only be absent, zero or empty: its presence is reported under this mark. */
  | { readonly kind: 'flag'; readonly mark: string }
  /** Cut out: what a client may not say. */
  | { readonly kind: 'cut' };

/** What one field of a message says, and where. */
export interface Mention {
  readonly mark: string;
  readonly value: string;
  /** Where it stands: with its tag, for cutting; as a length-delimited stretch, for rewriting. */
  readonly tagAt: number;
  readonly place: Stretch;
}
