import type { OwnRequest } from '../catalog/database.ts';
import { Refusal } from '../refusal.ts';
import type { Forwarder, InFlight, Sink } from './forwarder.ts';

/** The most an answer to a question of ours may take, in bytes. */
const cap = 16 * 1024 * 1024;

/**
 * Asks the database something on the gateway's own behalf and gives the answer whole.
 * Rejects with `Refusal` upstream-unreachable where the answer is no success.
 */
export function ask(
  forwarder: Forwarder,
  request: OwnRequest,
  credential: readonly string[],
): Promise<Buffer> {
  const { method, target, body, fields = [] } = request;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status = 0;
  let flight: InFlight | null = null;
  const sink: Sink = {
    head: (told, fields) => {
      status = isUnauthenticated(fields) ? 401 : told;
    },
    data: (chunk) => {
      bytes += chunk.length;
      if (bytes <= cap) chunks.push(chunk);
      else flight?.abort();
      return true;
    },
    end: (trailers) => {
      if (isUnauthenticated(trailers)) status = 401;
      if (status === 200 && bytes <= cap) resolve(Buffer.concat(chunks));
      else reject(unusable(request, status, bytes));
    },
    fail: reject,
  };
  const length = body?.length ?? 0;
  flight = forwarder.send(
    { method, target, fields: [...credential, ...fields], body, length },
    sink,
  );
  return promise;
}

function unusable(request: OwnRequest, status: number, bytes: number): Refusal {
  const what = bytes > cap ? 'too much to hold' : `status ${status}`;
  const reason = `the database answered ${request.method} ${request.target} with ${what}`;
  return new Refusal('upstream-unreachable', reason, { cause: status });
}

/** What HTTP says with 401, gRPC says with its own status 16. */
function isUnauthenticated(fields: readonly string[]): boolean {
  const at = fields.indexOf('grpc-status');
  return at !== -1 && fields[at + 1] === '16';
}

/** Whether `ask` failed since the database does not take the credential it was shown. */
export function isNotTaken(error: unknown): boolean {
  return error instanceof Refusal && error.cause === 401;
}
