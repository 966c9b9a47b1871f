/** A key of an object with its value; `keyEnd` is the offset behind the key. */
export interface Member {
  readonly key: string;
  readonly keyEnd: number;
  readonly value: Node;
}

interface Span {
  readonly text: string;
  readonly start: number;
  /** The offset behind the value. */
  end: number;
  /** The offset at which a reader that counts to 127 would have given up. */
  tooDeep?: number | undefined;
}

/** An array; one of plain numbers is read as a whole, without an object for each of them. */
export interface ArrayNode extends Span {
  readonly kind: 'array';
  readonly items: Node[];
  readonly numbers?: readonly number[];
}

/** An object, with all its members: also those of the same key. */
export interface ObjectNode extends Span {
  readonly kind: 'object';
  readonly members: Member[];
}

/** A value of a JSON document, as it was written. */
export type Node =
  | (Span & { readonly kind: 'null' })
  | (Span & { readonly kind: 'boolean'; readonly value: boolean })
  | (Span & { readonly kind: 'number'; readonly raw: string })
  | (Span & { readonly kind: 'string'; readonly value: string })
  | ArrayNode
  | ObjectNode;

/** A number's value: an integer of 64 bits as a bigint, anything else as a float. */
export function numberOf(raw: string): bigint | number {
  if (!/^-?\d+$/.test(raw) || raw === '-0') return Number(raw);
  const integer = BigInt(raw);
  return integer < -(2n ** 63n) || integer >= 2n ** 64n ? Number(raw) : integer;
}
