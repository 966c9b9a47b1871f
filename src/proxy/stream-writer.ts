import type { ServerHttp2Stream } from 'node:http2';
import { whenDrained } from './drained.ts';
import { breakOff } from './stream-end.ts';

/** What every answer over a stream of HTTP/2 shares, whichever protocol its bytes are. */
export class StreamWriter {
  protected readonly stream: ServerHttp2Stream;
  /** Whether the answer has been ended from this side. */
  protected ended = false;
  #drained: (() => void) | null = null;

  constructor(stream: ServerHttp2Stream) {
    this.stream = stream;
  }

  get started(): boolean {
    return this.stream.headersSent;
  }

  get gone(): boolean {
    return !this.ended && this.stream.aborted;
  }

  onGone(listener: () => void): void {
    this.stream.on('aborted', () => {
      if (!this.ended) listener();
    });
  }

  write(chunk: Uint8Array): boolean {
    const { stream } = this;
    if (stream.writableEnded || stream.destroyed) return true;
    const goesOn = stream.write(chunk);
    if (!goesOn) whenDrained(stream, this.#drained);
    return goesOn;
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  last(): void {
    this.stream.session?.close();
  }

  reset(): void {
    this.ended = true;
    breakOff(this.stream);
  }
}
