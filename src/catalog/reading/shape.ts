/**
 * What may stand at one place of a JSON body, as far as the gateway must know it. A place without a
 * shape may hold anything; in a place with one, only the kinds of value it lists are read, so that
 * no value can stand there in a form the gateway does not read (a positional array for a struct).
 */
export interface Shape {
  /** For messages: `lookup_from`. */
  readonly what: string;
  /** An object may stand here, and these of its members matter. */
  readonly members?: ReadonlyMap<string, Shape>;
  /** An array may stand here, and its elements are such. */
  readonly items?: Shape;
  /** A string may stand here. */
  readonly text?: true;
  /** `null` may stand here. */
  readonly nullable?: true;
  /** The members that an object here may have; absent: any. */
  readonly known?: ReadonlySet<string>;
  /** Members that an object here must have. */
  readonly needed?: readonly string[];
  /** An object here has exactly one member, and it is one of `members`. */
  readonly only?: true;
  /** Free-form data: whatever stands here, its keys may repeat. */
  readonly free?: true;
  /** What stands here is reported under this name: a string where `text` may stand, else that an
   * object or array is there. */
  readonly mark?: string;
  /** A place where nothing but `null` may stand. */
  readonly forbidden?: true;
}

/** How a database reads keys that minds no case. */
export interface AnyCase {
  /** Keys that matter wherever they stand, folded, and the mark that each is reported under. */
  readonly watched: ReadonlyMap<string, string>;
}

/** A string that a body gives and the gateway must know. */
export interface Mention {
  readonly mark: string;
  /** What it spells, escapes undone. */
  readonly value: string;
  /** Its bytes, with the quotes. */
  readonly start: number;
  readonly end: number;
}
