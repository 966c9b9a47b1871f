import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { whenDrained } from '../drained.ts';
import type { AnswerWriter } from '../exchange.ts';
import type { Incoming } from '../incoming.ts';

/** A body this short is read to its end, to keep the connection. */
const worthReading = 64 * 1024;
/** How much, and for how long, is read of a longer one, so that the client gets to read the answer
 * before its connection ends (RFC 9112, section 9.6). */
const lingerBytes = 1024 * 1024;
const lingerTime = 2000;

/** The answer to an HTTP/1.1 request. */
export class HttpAnswer implements AnswerWriter {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #incoming: Incoming;
  #isLast: () => boolean;
  readonly #open: Set<HttpAnswer>;
  #listener: (() => void) | null = null;
  #drained: (() => void) | null = null;
  gone = false;

  /** `isLast`: whether the connection is to end with this answer. `open`: the answers of the
   * connection that have not ended, this one among them until it has. */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    incoming: Incoming,
    isLast: () => boolean,
    open: Set<HttpAnswer>,
  ) {
    this.#request = request;
    this.#response = response;
    this.#incoming = incoming;
    this.#isLast = isLast;
    this.#open = open;
    open.add(this);
  }

  get started(): boolean {
    return this.#response.headersSent;
  }

  /** Whether the caller has yet to read what it was sent. */
  get stalled(): boolean {
    return this.#response.writableNeedDrain;
  }

  onGone(listener: () => void): void {
    this.#listener = listener;
  }

  /** The connection has ended before the answer. */
  leave(): void {
    this.gone = true;
    this.#open.delete(this);
    this.#listener?.();
  }

  head(status: number, fields: readonly string[], length: number | null = null): void {
    const all = [...fields];
    if (length !== null) all.push('content-length', String(length));
    this.#decideToKeep();
    this.#response.writeHead(status, all);
  }

  write(chunk: Uint8Array): boolean {
    const goesOn = this.#response.write(chunk);
    if (!goesOn) whenDrained(this.#response, this.#drained);
    return goesOn;
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  end(_trailers: readonly string[], last: Uint8Array | null): void {
    this.#finish(last ?? undefined);
  }

  whole(status: number, fields: readonly string[], body: Uint8Array): void {
    this.head(status, fields, body.length);
    this.#finish(body.length === 0 ? undefined : body);
  }

  last(): void {
    this.#isLast = () => true;
  }

  /** A request that was read whole would leave its connection as it is when destroyed. */
  reset(): void {
    this.#open.delete(this);
    this.#request.socket.destroy();
  }

  #finish(body: Uint8Array | undefined): void {
    this.#open.delete(this);
    this.#response.end(body);
    if (this.#incoming.whole) return;
    const { socket } = this.#request;
    const most = this.#response.shouldKeepAlive ? worthReading : lingerBytes;
    this.#incoming.drain(most, () => socket.destroy());
  }

  /** A connection cannot serve another request before this one's body was read. */
  #decideToKeep(): void {
    const incoming = this.#incoming;
    const unread = incoming.heldBack || incoming.rest > worthReading;
    if (!unread && !this.#isLast()) return;
    this.#response.shouldKeepAlive = false;
    if (!incoming.whole) lingerOver(this.#request.socket);
  }
}

/** Node ends the connection after its last answer by `destroySoon`, which resets it where bytes are
 * unread, and with it the answer on its way. */
function lingerOver(socket: Socket): void {
  socket.destroySoon = () => {
    const timer = setTimeout(() => socket.destroy(), lingerTime).unref();
    socket.on('close', () => clearTimeout(timer));
    socket.end();
  };
}
