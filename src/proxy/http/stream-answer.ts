import type { AnswerWriter } from '../exchange.ts';
import { stopClient } from '../stream-end.ts';
import { StreamWriter } from '../stream-writer.ts';

/** The answer to a REST request that came over HTTP/2. */
export class StreamAnswer extends StreamWriter implements AnswerWriter {
  head(status: number, fields: readonly string[], length: number | null = null): void {
    const stream = this.stream;
    if (stream.destroyed || stream.closed) return;
    const all = [':status', String(status), ...fields];
    if (length !== null) all.push('content-length', String(length));
    stream.respond(all as never);
  }

  end(_trailers: readonly string[], last: Uint8Array | null): void {
    this.#finish(last ?? undefined);
  }

  whole(status: number, fields: readonly string[], body: Uint8Array): void {
    this.head(status, fields, body.length);
    this.#finish(body.length === 0 ? undefined : body);
  }

  #finish(body: Uint8Array | undefined): void {
    this.ended = true;
    const stream = this.stream;
    if (stream.destroyed) return;
    if (!stream.writableEnded) stream.end(body);
    stopClient(stream);
  }
}
