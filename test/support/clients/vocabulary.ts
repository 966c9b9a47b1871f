/** How long the vectors of a story are, where it says nothing else. */
export const dimensions = 768;

/** What stories can have a client do: each is one call of its SDK, and one operation. */
export interface Vocabulary {
  create(args: { collection: string; size?: number }): true;
  exists(args: { collection: string }): boolean;
  /** How many points the database says the collection has. */
  describe(args: { collection: string }): number;
  /** Names in alphabetical order. */
  collections(args: Record<never, never>): string[];
  /** Puts the points `first`, `first + 1`, … there; `text` goes into each payload. */
  upsert(args: {
    collection: string;
    first: number;
    count: number;
    size?: number;
    text?: string;
  }): true;
  /** The points nearest to the vector of point `like`; of `parity` alone where it is given. */
  search(args: {
    collection: string;
    like: number;
    limit: number;
    size?: number;
    parity?: Parity;
  }): { readonly id: number; readonly score: number }[];
  /** A page of ids, and where the next one begins. */
  scroll(args: { collection: string; limit: number; offset?: number | null }): {
    ids: number[];
    next: number | null;
  };
  count(args: { collection: string; parity?: Parity }): number;
  deletePoints(args: { collection: string; parity: Parity }): true;
  alias(args: { alias: string; collection: string }): true;
  /** Takes the alias from where it is and puts it there, at once. */
  swap(args: { alias: string; collection: string }): true;
  /** `alias=collection`, in alphabetical order. */
  aliases(args: Record<never, never>): string[];
  unalias(args: { alias: string }): true;
  /** Gives its name. */
  snapshot(args: { collection: string }): string;
  snapshots(args: { collection: string }): string[];
  deleteSnapshot(args: { collection: string; snapshot: string }): true;
  drop(args: { collection: string }): true;
}

/** Which points: every other. */
export type Parity = 'even' | 'odd';

/** What a call was refused with, as the SDK's exception told it. */
export interface ThrownError {
  /** The type of the exception. */
  readonly name: string;
  readonly message: string;
  /** HTTP clients. */
  readonly status?: number;
  readonly body?: string;
  /** gRPC clients. */
  readonly code?: number;
  /** Header fields, or trailers, that the exception carries. */
  readonly refusal?: string | null;
  readonly request?: string | null;
}

/** Where a driver's clients connect. */
export interface Connection {
  readonly http: string;
  readonly grpc: string;
  /** The path of the authority they trust. */
  readonly ca: string;
}

/** The vector of a point, cheap to make and the same in every language: no two point the same way. */
export function vectorOf(id: number, size = dimensions): number[] {
  const own = Math.imul(id + 1, 0x9e3779b1);
  return Array.from({ length: size }, (_, at) => {
    const mixed = own ^ Math.imul(at + 1, 0x85ebca6b);
    return (((Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 16) % 2001) - 1000) / 1000;
  });
}
