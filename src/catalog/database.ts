import type { Refusal } from '../refusal.ts';
import type { Head, Located, Operation, Protocol } from './operation.ts';

/** A request that the gateway makes on its own behalf. */
export interface OwnRequest {
  readonly protocol: Protocol;
  readonly method: string;
  readonly target: string;
  readonly body: Uint8Array | null;
  /** Header fields, or metadata, beside the credential: name, value, name, value… */
  readonly fields?: readonly string[];
}

/** Asks the database something on the gateway's own behalf and gives the answer whole: on gRPC the
 * one message, unframed. Rejects with `Refusal` upstream-unreachable. */
export type Ask = (request: OwnRequest) => Promise<Buffer>;

/** What aliases mean and which collections exist, as read from the database; names are given by
 * their keys. */
export interface NameTable {
  readonly aliases: ReadonlyMap<string, string>;
  readonly collections: ReadonlySet<string>;
  /** The collections by their ids; absent where the product has none. */
  readonly ids?: ReadonlyMap<string, string>;
}

/** A refusal as the clients of one database read it. On gRPC `status` is 200 and the rest is in
 * `fields`. */
export interface WrittenRefusal {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body: Uint8Array;
}

/** A value that the payload of a point must have at a path. */
export interface PayloadMatch {
  readonly key: string;
  readonly value: string | number | boolean;
}

/** What a database counted of the requests that reached it. */
export interface Counters {
  /** Since when, in milliseconds since 1970; null where it does not tell. */
  readonly since: number | null;
  /** By `POST /collections/{name}/points/query` or `/qdrant.Points/Query`. */
  readonly routes: ReadonlyMap<string, number>;
}

/** One database the gateway can stand in front of. */
export interface Database {
  /** `qdrant`, `milvus` */
  readonly name: string;
  readonly operations: readonly Operation[];
  /** The database inside it that a request is about which names none; absent where there are no
   * databases inside. */
  readonly defaultDatabase?: string;
  /** What a collection's or an alias's name is called in the name table, where each key means one
   * thing: the name itself, or `DATABASE/NAME`. */
  keyOf(database: string | null, name: string): string;
  /** The newest version that the catalogue is proved complete against. */
  readonly knownVersion: string;
  /**
   * Matches a request to its row by its head alone.
   * Throws `Refusal` unknown-operation or unreadable-request.
   */
  locate(head: Head): Located;
  /** Header fields by which the gateway proves itself upstream. */
  credential(secret: string, protocol: Protocol): readonly string[];
  /** The credential in an `authorization` field as this database's clients write it; null where it
   * is none of theirs. */
  readAuthorization(value: string): string | null;
  /** What no client of this database sends, but who attacks it: the refusal, with its `alert`.
   * Absent where nothing of the kind is known. */
  readonly attackIn?: (head: Head) => Refusal | null;
  /** How this database's clients read a refusal. */
  writeRefusal(protocol: Protocol, refusal: Refusal): WrittenRefusal;
  /** Reads the name table, asking what it takes, in turn. Rejects where an answer is not as
   * expected. */
  readNames(ask: Ask): Promise<NameTable>;
  /** Reads how many points a collection has, by its own name. Rejects where no answer says. */
  readSize(ask: Ask, database: string | null, collection: string): Promise<number>;
  /** One of each kind of request that `readNames` asks, to know them again. */
  readonly nameRequests: readonly OwnRequest[];
  /** The request whose answer tells the version, and how to read it. */
  readonly versionRequest: OwnRequest;
  readVersion(answer: Buffer): string;
  /** A request on the protocol that the others do not use, to learn whether it answers; absent
   * where one port serves both. */
  readonly probeRequest?: OwnRequest;
  /** What it opens beside the port that it is asked at, on every interface and without a
   * credential: nobody may reach it there. Absent where there is nothing of the kind. */
  readonly sidePorts?: readonly { readonly port: number; readonly what: string }[];
  /** The credential that it has until somebody changes it, as the gateway would present it. */
  readonly factoryCredential?: string;
  /** The request whose answer counts what the database was asked, and how to read it; absent where
   * it does not count. */
  readonly countersRequest?: OwnRequest;
  readonly readCounters?: (answer: Buffer) => Counters;
  /** The request by whose answer a point with all of these values is known to exist; absent where
   * the database has no access tokens of its own. */
  readonly valueRequest?: (collection: string, matches: readonly PayloadMatch[]) => OwnRequest;
  readonly readValueAnswer?: (answer: Buffer) => boolean;
  /** Policies for the roles of those tokens, for a folder that has none. */
  readonly tokenPolicies?: readonly { readonly name: string; readonly text: string }[];
}
