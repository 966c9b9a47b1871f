import type { Intent, Names, Operation, Protocol } from '../operation.ts';
import type { Shape } from '../reading/shape.ts';
import type { Message } from './message.ts';

/** How much of a request is held to be read, where its row says no less: bytes. */
export const defaultCap = 64 * 1024 * 1024;

/** What a row does over REST. */
export interface RestPlan {
  readonly method: string;
  /** The exact raw path: `/v2/vectordb/entities/search`. */
  readonly path: string;
  readonly version: 1 | 2;
  /** Query parameters that it takes, all of them names. */
  readonly query: readonly string[];
  /** How its body is read; null: it has none. */
  readonly shape: Shape | null;
  /** How much of a body is held to be read: bytes. */
  readonly cap: number;
  /** Why it passes for nobody. */
  readonly closed?: string;
  /** Milvus knows no other database here, whatever the request says. */
  readonly onlyDefault: boolean;
}

/** What a row does over gRPC: a unary call, read by its table up to `cap` bytes. */
export interface RpcPlan {
  readonly path: string;
  readonly message: Message;
  readonly cap: number;
}

/** What an operation is about, which says what is needed where no collection is named. */
export type About = 'collection' | 'database' | 'server';

/** What a request gives, whichever protocol carried it. */
export interface Given {
  readonly protocol: Protocol;
  /** Which REST it came by; absent over gRPC. */
  readonly version?: RestPlan['version'];
  readonly row: Row;
  /** The database it is about, computed once. */
  readonly database: string;
  /** Every string of it that matters: the mark of its place, and what it spells. */
  readonly texts: readonly { readonly mark: string; readonly value: string }[];
  /** It reaches outside of its collections: external data, files, functions at remote endpoints. */
  readonly outside: string | null;
  /** All that it says, once that has been read. */
  readonly body?: Buffer;
}

/** What must be judged of a request. */
export type Verdict = Pick<Intent, 'needs' | 'objection' | 'instead'>;

/** Finds a row of the catalogue by its operation's name. */
export type RowOf = (operation: string) => Row;

/** A row of Milvus's catalogue. */
export interface Row extends Operation {
  readonly rpc: RpcPlan | null;
  readonly rest: readonly RestPlan[];
  readonly about: About;
  /** Its database is the one that it makes, changes or describes: no metadata names it. */
  readonly ownDatabase: boolean;
  /** Whoever is known may do it, wherever: what its action says is not asked. */
  readonly free: boolean;
  /** Milvus takes no alias here: the name is forwarded as it stands. */
  readonly literal: boolean;
  /** What must be judged, where that is not its collections. */
  readonly judge: ((given: Given, names: Names, rowOf: RowOf) => Verdict) | null;
}
