import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { Refusal } from '../../refusal.ts';
import { failureOf } from '../failure.ts';
import type { Forwarder, InFlight, Sink, UpstreamRequest } from '../forwarder.ts';
import type { Reach } from '../reach.ts';
import { type Lane, type Lanes, makeLanes, type Waiting } from './lanes.ts';
import { type AnswerHeaders, claimedLength, passingFields } from './passing.ts';

/** Makes the way to a database's REST API: HTTP/1.1, one request at a time on each connection. */
export function makeHttpForwarder(reach: Reach): Forwarder {
  const lanes = makeLanes(reach);
  return {
    protocol: 'http',
    send: (request, sink) => {
      const flight = new HttpFlight(lanes, request, sink);
      try {
        lanes.enter(flight);
      } catch (error) {
        queueMicrotask(() => flight.onResponseError(null, error as Error));
      }
      return flight;
    },
    close: () => lanes.close(),
  };
}

/** One request on its way, as undici tells of it. */
class HttpFlight implements InFlight, Waiting, Dispatcher.DispatchHandler {
  readonly #lanes: Lanes;
  readonly #request: UpstreamRequest;
  readonly #sink: Sink;
  #lane: Lane | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #reused = false;
  #answered = false;
  #ended = false;
  aborted = false;

  constructor(lanes: Lanes, request: UpstreamRequest, sink: Sink) {
    this.#lanes = lanes;
    this.#request = request;
    this.#sink = sink;
  }

  go(lane: Lane): void {
    this.#lane = lane;
    lane.client.dispatch(dispatchOf(this.#request), this);
  }

  resume(): void {
    if (!this.#ended) this.#controller?.resume();
  }

  abort(): void {
    if (this.aborted || this.#ended) return;
    this.aborted = true;
    const { body } = this.#request;
    if (body !== null && 'destroy' in body) body.destroy();
    this.#controller?.abort(new Error('the caller has gone'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const lane = this.#lane as Lane;
    this.#controller = controller;
    this.#reused = lane.used;
    lane.used = true;
    if (this.aborted) controller.abort(new Error('the caller has gone'));
  }

  onResponseStarted(): void {
    this.#answered = true;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: AnswerHeaders,
  ): void {
    if (status < 200) return;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') {
      controller.abort(new Refusal('gateway-fault', 'the database encodes its answer unasked'));
    } else this.#sink.head(status, passingFields(headers), claimedLength(headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#sink.data(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#leave();
    this.#sink.end([]);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#leave();
    const unsent = this.#reused && !this.#answered && isHangUp(error);
    if (!this.aborted) this.#sink.fail(failureOf(error), unsent);
  }

  #leave(): void {
    this.#ended = true;
    const lane = this.#lane;
    this.#lane = null;
    if (lane) this.#lanes.leave(lane);
  }
}

/** Whether a connection was ended from the other side. */
function isHangUp(error: Error): boolean {
  return (
    'code' in error &&
    (error.code === 'UND_ERR_SOCKET' || error.code === 'ECONNRESET' || error.code === 'EPIPE')
  );
}

function dispatchOf(request: UpstreamRequest): Dispatcher.DispatchOptions {
  const { method, target, body, tail, length } = request;
  const headers = [...request.fields];
  const claim = (bytes: number) => headers.push('content-length', String(bytes));
  if (body instanceof Uint8Array && tail !== undefined) {
    claim(body.length + tail.length);
    return { method, path: target, headers, body: Readable.from([body, tail]) };
  }
  if (body !== null && !(body instanceof Uint8Array) && length !== null) claim(length);
  return { method, path: target, headers, body };
}
