import { readFileSync } from 'node:fs';

/** A request and its answer, as `@qdrant/js-client-rest` and a real Qdrant exchanged them. */
export interface RestExchange {
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response: RestAnswer;
}

/** An answer over HTTP. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as exact bytes, and its answer. */
export interface RawExchange {
  readonly case: string;
  readonly request: string;
  readonly response: RestAnswer;
}

/** A message as it was sent, compressed or not. */
export type SentMessage = string | { readonly base64: string; readonly compressed?: boolean };

/** An answer over gRPC. */
export interface GrpcAnswer {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly messages: readonly SentMessage[];
  readonly trailers: Readonly<Record<string, string>>;
}

/** A call, either of `@qdrant/js-client-grpc` (`messages`) or as exact frames (`body`). */
export interface GrpcExchange {
  readonly case?: string;
  readonly method: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly messages?: readonly Exclude<SentMessage, string>[];
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | { readonly bytes: number };
  readonly answer: GrpcAnswer;
}

/** The exchanges of a file, in their order. */
export function transcript<T>(name: string): readonly T[] {
  const file = new URL(`../../data/qdrant-transcripts/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): T => JSON.parse(line));
}
