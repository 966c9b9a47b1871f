import type { ServerHttp2Stream } from 'node:http2';
import { whenDrained } from '../drained.ts';
import type { AnswerWriter } from '../exchange.ts';
import { breakOff, stopClient } from '../stream-end.ts';

/** The answer to a REST request that came over HTTP/2. */
export class StreamAnswer implements AnswerWriter {
  readonly #stream: ServerHttp2Stream;
  #ended = false;
  #drained: (() => void) | null = null;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  get started(): boolean {
    return this.#stream.headersSent;
  }

  get gone(): boolean {
    return !this.#ended && this.#stream.aborted;
  }

  onGone(listener: () => void): void {
    this.#stream.on('aborted', () => {
      if (!this.#ended) listener();
    });
  }

  head(status: number, fields: readonly string[], length: number | null = null): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const all = [':status', String(status), ...fields];
    if (length !== null) all.push('content-length', String(length));
    stream.respond(all as never);
  }

  write(chunk: Uint8Array): boolean {
    const stream = this.#stream;
    if (stream.writableEnded || stream.destroyed) return true;
    const goesOn = stream.write(chunk);
    if (!goesOn) whenDrained(stream, this.#drained);
    return goesOn;
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  end(): void {
    this.#finish(undefined);
  }

  whole(status: number, fields: readonly string[], body: Uint8Array): void {
    this.head(status, fields, body.length);
    this.#finish(body.length === 0 ? undefined : body);
  }

  reset(): void {
    this.#ended = true;
    breakOff(this.#stream);
  }

  #finish(body: Uint8Array | undefined): void {
    this.#ended = true;
    const stream = this.#stream;
    if (stream.destroyed) return;
    if (!stream.writableEnded) stream.end(body);
    stopClient(stream);
  }
}
