/**
 * What the gateway must know of one protobuf message: its fields by number. A field without an
 * entry is passed over; a group or a field 0 is refused anywhere.
 */
export interface Message {
  /** For messages: `QueryPoints`. */
  readonly what: string;
  readonly fields: ReadonlyMap<number, Field>;
  /** All fields are one oneof: exactly one of those listed stands here, once, and none beside it.
   * (prost would take the last and merge equal ones; two readers might not.) */
  readonly only?: true;
}

/** What one field is. */
export type Field =
  | {
      /** A singular string: the last one counts (protobuf encoding guide, "Last One Wins"). */
      readonly kind: 'text';
      readonly mark: string;
    }
  | {
      /** A message. Several pieces of a singular one are one message; of a repeated one,
       * several. */
      readonly kind: 'message';
      readonly message: Message;
      readonly repeated?: true;
      /** Each counts as one part of a batch. */
      readonly counted?: true;
      /** That it is there is reported, under this name. */
      readonly mark?: string;
    }
  /** Repeated, and each element counts as a point. */
  | { readonly kind: 'count' }
  /** May not be there: a reserved field that older servers honour. */
  | { readonly kind: 'refused' };

/** A length-delimited stretch of a message, and the stretch it stands in. */
export interface Stretch {
  /** Where its length is written. */
  readonly lengthAt: number;
  readonly start: number;
  readonly end: number;
  readonly within: Stretch | null;
}

/** A string field that a message gives, in all the places where it is given. */
export interface FieldMention {
  readonly mark: string;
  /** The last value; empty where the field is absent. */
  value: string;
  readonly places: Stretch[];
}
