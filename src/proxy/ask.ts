import type { OwnRequest } from '../catalog/database.ts';
import { Refusal } from '../refusal.ts';
import type { Forwarder, InFlight, Sink } from './forwarder.ts';
import { unframed } from './message-frame.ts';

/** The most an answer to a question of ours may take, in bytes. */
const cap = 16 * 1024 * 1024;

/**
 * Asks the database something on the gateway's own behalf and gives the answer whole: of a call,
 * its one message, unframed. Rejects with `Refusal` upstream-unreachable where the answer is no
 * success; its cause is the HTTP status then, or the status of the call.
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
      status = callFailure(fields) ?? told;
    },
    data: (chunk) => {
      bytes += chunk.length;
      if (bytes <= cap) chunks.push(chunk);
      else flight?.abort();
      return true;
    },
    end: (trailers) => {
      status = callFailure(trailers) ?? status;
      if (status !== 200 || bytes > cap) return reject(unusable(request, status, bytes));
      const answer = Buffer.concat(chunks);
      if (request.protocol === 'http') resolve(answer);
      else settle(answer, resolve, reject);
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

function settle(
  answer: Buffer,
  resolve: (message: Buffer) => void,
  reject: (error: unknown) => void,
): void {
  try {
    resolve(unframed(answer));
  } catch (error) {
    reject(error);
  }
}

/** The status that a call failed with; null where it did not, or none is told here. What HTTP says
 * with 401, gRPC says with 16. */
function callFailure(fields: readonly string[]): number | null {
  const at = fields.indexOf('grpc-status');
  const told = at === -1 ? '0' : fields[at + 1];
  if (told === '0') return null;
  return told === '16' ? 401 : Number(told);
}

/** Whether `ask` failed since the database does not take the credential it was shown. */
export function isNotTaken(error: unknown): boolean {
  return error instanceof Refusal && error.cause === 401;
}
