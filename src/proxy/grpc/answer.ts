import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { AnswerWriter } from '../exchange.ts';
import { stopClient } from '../stream-end.ts';
import { StreamWriter } from '../stream-writer.ts';

/** The answer to a call. */
export class CallAnswer extends StreamWriter implements AnswerWriter {
  readonly #own: readonly string[];
  #trailers: readonly string[] = [];

  /** `own`: fields that this edge adds to every head. */
  constructor(stream: ServerHttp2Stream, own: readonly string[]) {
    super(stream);
    this.#own = own;
  }

  head(status: number, fields: readonly string[]): void {
    const stream = this.stream;
    if (stream.destroyed || stream.closed) return;
    stream.on('wantTrailers', () => this.#sendTrailers());
    this.#respond(status, fields, { waitForTrailers: true });
  }

  end(trailers: readonly string[], last: Uint8Array | null): void {
    this.ended = true;
    this.#trailers = trailers;
    if (!this.stream.destroyed) this.stream.end(last ?? undefined);
  }

  whole(status: number, fields: readonly string[], body: Uint8Array): void {
    const stream = this.stream;
    this.ended = true;
    if (stream.destroyed || stream.closed) return;
    this.#respond(status, fields, { endStream: body.length === 0 });
    if (body.length > 0) stream.end(body);
    stopClient(stream);
  }

  #respond(
    status: number,
    fields: readonly string[],
    options: { waitForTrailers?: true; endStream?: boolean },
  ): void {
    const all = [':status', String(status), ...fields, ...this.#own];
    this.stream.respond(all as never, options);
  }

  #sendTrailers(): void {
    const stream = this.stream;
    if (stream.destroyed || stream.closed) return;
    stream.sendTrailers(asHeaders(this.#trailers));
    stopClient(stream);
  }
}

function asHeaders(fields: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
