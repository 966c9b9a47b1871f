import type { Exchange } from '../../../src/proxy/exchange.ts';
import type { Forwarder, InFlight, Sink } from '../../../src/proxy/forwarder.ts';
import { Refusal } from '../../../src/refusal.ts';

const cap = 1024 * 1024;
const roomy = () => undefined;

/** Holds every body and answers with what it was, or with the refusal. */
export async function echo(exchange: Exchange): Promise<void> {
  try {
    if (exchange.objection) throw exchange.objection;
    const body = await exchange.body.hold(cap, roomy);
    answerEcho(exchange, body);
  } catch (error) {
    refuse(exchange, error);
  }
}

function answerEcho({ answer, method, target, protocol }: Exchange, body: Buffer): void {
  const fields = ['x-method', method, 'x-target', target];
  if (protocol === 'http') return answer.whole(200, fields, body);
  answer.head(200, ['content-type', 'application/grpc', ...fields]);
  answer.write(body);
  answer.end(['grpc-status', '0'], null);
}

/** What a held body came to: its bytes, or the error. */
export async function outcomeOf(held: Buffer | Promise<Buffer>): Promise<unknown> {
  try {
    return await held;
  } catch (error) {
    return error;
  }
}

/** Says no as the pipeline would. */
export function refuse(exchange: Exchange, error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
  if (exchange.answer.gone) return;
  exchange.body.discard();
  const why = ['x-code', error.code, 'x-why', error.message];
  if (exchange.protocol === 'grpc') {
    const fields = ['content-type', 'application/grpc', 'grpc-status', String(error.grpc), ...why];
    exchange.answer.whole(200, fields, Buffer.alloc(0));
  } else exchange.answer.whole(error.http, why, Buffer.from(error.told));
}

/** What happened to one exchange that was passed on. */
export interface Passed {
  readonly exchange: Exchange;
  readonly flight: InFlight;
  /** Resolves with how it ended: `end`, `gone`, or the failure. */
  readonly ended: Promise<string>;
}

/** Passes exchanges on as they come, `stream`ing or holding their bodies, and remembers each. */
export function passOn(forwarder: Forwarder, stream: boolean, seen: Passed[] = []) {
  return async (exchange: Exchange): Promise<void> => {
    try {
      if (exchange.objection) throw exchange.objection;
      const { body, method, target, answer, deadline } = exchange;
      const { declared } = body;
      let sent = null;
      if (stream && declared !== 0) sent = body.stream(() => undefined);
      else if (declared !== 0) sent = await body.hold(cap, roomy);
      const length = sent instanceof Buffer ? sent.length : declared;
      const { promise, resolve } = Promise.withResolvers<string>();
      const request = { method, target, fields: [], body: sent, length, deadline };
      const flight = forwarder.send(request, sinkTo(exchange, resolve));
      answer.onDrain(() => flight.resume());
      answer.onGone(() => {
        flight.abort();
        resolve('gone');
      });
      seen.push({ exchange, flight, ended: promise });
    } catch (error) {
      refuse(exchange, error);
    }
  };
}

function sinkTo(exchange: Exchange, ended: (how: string) => void): Sink {
  const { answer } = exchange;
  return {
    head: (status, fields, length) => answer.head(status, fields, length),
    data: (chunk) => answer.write(chunk),
    end: (trailers) => {
      answer.end(trailers, null);
      ended('end');
    },
    fail: (error) => {
      if (answer.started) answer.reset();
      else refuse(exchange, error);
      ended(error.message);
    },
  };
}
