import type { Refusal } from '../refusal.ts';

/** What an operation is for policy: one word of the contract. */
export type Action =
  | 'public'
  | 'list'
  | 'read'
  | 'write'
  | 'schema'
  | 'export'
  | 'observe'
  | 'manage'
  | 'admin'
  | 'never';

/** The wire a request came over. */
export type Protocol = 'http' | 'grpc';

/** What the edge knows of a request before its body. `field` gives the one value of a header and
 * throws `Refusal` unreadable-request where the header is repeated. */
export interface Head {
  readonly protocol: Protocol;
  /** The HTTP method, as it was sent; `POST` on gRPC. */
  readonly method: string;
  /** The raw request target, or `:path`. */
  readonly target: string;
  field(name: string): string | undefined;
}

/** Counts the points that pass in a stream of bytes, holding none of them. Never throws. */
export interface Counter {
  push(chunk: Uint8Array): void;
  readonly points: number;
}

/** An answer that the gateway gives by itself. On gRPC `status` is the gRPC code and `body` the
 * message, unframed. */
export interface LocalAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
  /** The gRPC status message. */
  readonly message?: string;
}

/** What an answer may carry, where policy limits it; null: no limit. */
export interface Extent {
  /** Points, over all searches of a batch and all groups. */
  readonly results: number | null;
  readonly offset: number | null;
  readonly vectors: 'deny' | null;
  /** The fields of the payload that may be asked for. */
  readonly payload: readonly string[] | null;
  /** Whoever asks for more is given less; left out where it is refused. */
  readonly exceed?: 'lower';
}

/** What the gateway knows of the database behind it, for answers it gives itself. */
export interface DatabaseFacts {
  /** The version that the database told last; null before it told any. */
  readonly version: string | null;
}

/** What a caller may see, for trimming lists. */
export interface View {
  /** Whether the caller may know that this collection exists, or this alias of `resolved`; in this
   * database, where the product has databases. */
  mayList(name: string, resolved?: string, database?: string | null): boolean;
  /** Whether the caller may know that this database exists: some rule lets it list something
   * there. */
  mayListDatabase(database: string): boolean;
  /** Nothing is hidden from the caller, so that an answer need not be looked into. */
  readonly listsEverything?: boolean;
}

/**
 * Everything the gateway knows about one database operation: a row of the catalogue. The parts that
 * every later step needs; a database adds what its own readers need.
 */
export interface Operation {
  /** `points.query` */
  readonly name: string;
  readonly action: Action;
  /** The audit event: `data.query`. */
  readonly event: string;
  /** `POST /collections/{collection_name}/points/query` */
  readonly http: readonly string[];
  /** `/qdrant.Points/Query` */
  readonly grpc: readonly string[];
  /** Carries every collection's data, so any deny forbids it. */
  readonly everything: boolean;
  /** Changes the database: its outcome must be recorded before its answer ends. */
  readonly changes: boolean;
  /** Changes which names exist or what aliases mean: the name table is read again after it. */
  readonly renames: boolean;
  /** It reaches what no collection holds: it needs its right over the whole server, beside the one
   * on every collection that it names. */
  readonly beyond?: true;
  /** Where it names no collection it is about one database inside, not about the whole server. */
  readonly inDatabase?: true;
  /** Why this row passes for nobody; absent where it can be granted. */
  readonly closed?: string;
  /** Leaves out of a whole answer (on gRPC: the one message, unframed) what the caller may not
   * list. */
  readonly trim?: (
    protocol: Protocol,
    answer: Buffer,
    view: View,
    about: { readonly needs: readonly Need[]; readonly names: Names },
  ) => Uint8Array;
  /** The request, asking for no more than the extent: the same one where it does not ask for more.
   * Throws `Refusal` where it does and is not to be lowered, or cannot be; absent where no request
   * can be held to an extent. */
  readonly confine?: (protocol: Protocol, request: Rebuilt, extent: Extent) => Rebuilt;
  /** Counts points in a streamed request, or in an answer, as it passes: the raw bytes, on gRPC
   * with their frames. */
  readonly countIn?: (protocol: Protocol) => Counter;
  readonly countOut?: (protocol: Protocol) => Counter;
  /** Whether this request's answer carries points that `countOut` does not count; absent where none
   * does. */
  readonly uncounted?: (protocol: Protocol, request: Rebuilt) => boolean;
  /** Its answer carries points of every collection it names, not of the first alone. */
  readonly bringsLookups?: true;
  /** Counts the operations in a batch, for what the request is worth beside its points. */
  readonly countWork?: (protocol: Protocol) => Counter;
  /** The sentence in which the database itself would deny this need. Of a collection that the
   * caller may not list (not `known`) it must say the same whether that exists or not. */
  readonly denial: (need: Need, known: boolean) => string;
  /** What the database says where it denies this to the gateway's own user names that user, and is
   * not passed on. */
  readonly deniesByName?: true;
  /** The answer that the gateway gives by itself: to whoever asks where the operation is `public`,
   * else to whoever is known. */
  readonly answer?: (protocol: Protocol, facts: DatabaseFacts) => LocalAnswer;
}

/** A collection as the request names it and as the database will understand the name. */
export interface Reference {
  readonly named: string;
  readonly resolved: string;
}

/** One right that a request needs: an action (through its operation) on a collection, or
 * database-wide where `collection` is null. */
export interface Need {
  readonly operation: Operation;
  readonly action: Action;
  readonly collection: Reference | null;
  /** The database that it is about; null: the whole server, or the product has no databases. */
  readonly database: string | null;
}

/** The upstream request, rebuilt from what was read. */
export interface Rebuilt {
  readonly method: string;
  /** The path, rebuilt from its parsed parts, with its allowed query parameters; on gRPC the full
   * method. */
  readonly target: string;
  /** Header fields that pass: name, value, name, value… */
  readonly fields: readonly string[];
  /** The body as it is to be forwarded; null: the request's own stream, untouched. On gRPC the one
   * message, unframed. */
  readonly body: Uint8Array | null;
  /** What it goes on with behind `body`, so that a long one is not copied for the sake of a
   * field. */
  readonly tail?: Uint8Array;
  /** What it asks for less of than its caller did; left out where it asks for the same. */
  readonly lowered?: readonly LoweredPart[];
}

/** A part of what an answer carries, of which a request may be made to ask for less. */
export type LoweredPart = 'results' | 'vectors' | 'payload';

/** What this request is about to do: an operation and every need it has. */
export interface Intent {
  readonly operation: Operation;
  /** Never empty, save where an identity is all that is needed. */
  readonly needs: readonly Need[];
  readonly request: Rebuilt;
  /** Points in the request, where the held body tells; null where a counter must. */
  readonly points: number | null;
  /** How many operations a batch holds, where the held body tells; null where a counter must; left
   * out where it is no batch. A request is worth that many, or its points if they are more, and one
   * at least. */
  readonly work?: number | null;
  /** Thrown once every need is granted: a refusal that would give away what a name is. */
  readonly objection: Refusal | null;
  /** What happens in place of a denial where this other need is granted. */
  readonly instead: Instead | null;
}

/** What happens in place of a denial: a `Refusal` not-permitted with the status and sentence that
 * the database would answer with is thrown, or another intent, from whose answer the same can be
 * said as the database would say, takes the place of the one that is denied. */
export type Instead =
  | { readonly need: Need; readonly refusal: Refusal }
  | { readonly need: Need; readonly intent: Intent };

/** A request matched to its row, before its body is read. */
export interface Located {
  readonly operation: Operation;
  /** How many bytes of body to hold for reading; 0: the row takes no body; null: the body streams
   * through unread. */
  readonly hold: number | null;
  /** The same, where the request must be held to an extent, although it could stream; left out
   * where `hold` says it. */
  readonly holdConfined?: number;
  /** The keys of the names that the head alone gives, as they stand there. */
  readonly names: readonly string[];
  /** The needs that the head alone tells, so that the body of a denied request is never read; empty
   * where the intent may say something else instead of a denial. */
  needs(names: Names): readonly Need[];
  /**
   * Reads the body, strictly: at once where it is short, else in slices between which the event
   * loop turns. Takes null where nothing was held. Throws or rejects with `Refusal`
   * unreadable-request.
   */
  read(body: Buffer | null): Reading | Promise<Reading>;
}

/** A request that was read whole, before its names are resolved. */
export interface Reading {
  /** The key of every name the request gives, as it stands there: their changes must have settled
   * before the intent may be asked for. */
  readonly names: readonly string[];
  intent(names: Names): Intent;
}

/** What names mean in the database now, by their keys (`Database.keyOf`). */
export interface Names {
  /** The collection that the database would reach by this name. Throws `Refusal`
   * upstream-unreachable where the table cannot be trusted. */
  resolve(name: string): string;
  isAlias(name: string): boolean;
  isCollection(name: string): boolean;
  /** The collection with this id; null where no collection has it, or the product has no ids. */
  withId(id: string): string | null;
}
