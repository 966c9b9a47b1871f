import type { Intent, Names, Operation, Protocol } from '../operation.ts';
import type { Message } from '../reading/message.ts';
import type { Grammar } from '../reading/parameter.ts';
import type { Shape } from '../reading/shape.ts';

/** How much of a request is held to be read, where its row says no less: bytes. */
export const defaultCap = 64 * 1024 * 1024;

/** What the body of a REST request is, and whether the gateway must read it. */
export type BodyPlan =
  /** None: a few bytes that come all the same are dropped. */
  | { readonly kind: 'none' }
  /** Names no collection: it streams through unread. */
  | { readonly kind: 'stream'; readonly type: 'json' | 'multipart' }
  /** May name collections: held up to `cap` bytes and read by `shape`, save where it is an object
   * without a backslash in which one of the words does not stand that every reference needs. */
  | {
      readonly kind: 'held';
      readonly shape: Shape;
      readonly cap: number;
      readonly absent: readonly Buffer[];
    };

/** A parameter of a path: which segment, and what may stand there. */
export interface Parameter {
  readonly name: string;
  readonly at: number;
  readonly grammar: Grammar;
}

/** What a row does over REST. */
export interface RestPlan {
  readonly method: string;
  readonly pattern: string;
  readonly parameters: readonly Parameter[];
  /** Which segment is the collection's name; -1: none. */
  readonly collectionAt: number;
  /** Query parameters that pass. */
  readonly query: readonly string[];
  readonly body: BodyPlan;
  /** Request headers that pass, beside a content type, which we write. */
  readonly headers: readonly string[];
}

/** What a row does over gRPC: a unary call, read by its table up to `cap` bytes. */
export interface RpcPlan {
  readonly path: string;
  readonly message: Message;
  readonly cap: number;
}

/** What a request gives, whichever protocol carried it. */
export interface Given {
  readonly protocol: Protocol;
  readonly row: Row;
  /** The collection that it is about. */
  readonly collection: string | null;
  /** Every other string of it that matters: the mark of its place, and what it spells. */
  readonly texts: readonly { readonly mark: string; readonly value: string }[];
  /** The operations inside a batch, each once. */
  readonly inner: readonly string[];
}

/** What must be judged of a request. */
export type Verdict = Pick<Intent, 'needs' | 'objection' | 'instead'>;

/** Finds a row of the catalogue by its operation's name. */
export type RowOf = (operation: string) => Row;

/** A row of Qdrant's catalogue. */
export interface Row extends Operation {
  readonly rest: RestPlan | null;
  readonly rpc: RpcPlan | null;
  /** The database takes names literally here: aliases do not resolve. */
  readonly literal: boolean;
  /** Judged once its body is read, whatever it names: its verdict depends on whether the name
   * exists, which must not show in whether a bad body or a denial comes first. */
  readonly late?: true;
  /** The operation that each element of this batch is. */
  readonly each: string | null;
  /** What must be judged, where that is not the collection and those it looks up. */
  readonly judge: ((given: Given, names: Names, rowOf: RowOf) => Verdict) | null;
}
