import type { OwnRequest } from '../catalog/database.ts';
import type { PreparedUpstream } from '../gateway/prepare.ts';
import { ask } from '../proxy/ask.ts';
import { makeGrpcForwarder } from '../proxy/grpc/forward.ts';
import { reach } from '../proxy/reach.ts';
import { Refusal } from '../refusal.ts';
import { askPlainly } from './plain-ask.ts';

const times = { connect: 3000, answer: 3000, idle: 3000, keepAlive: 1000 };

/**
 * Asks a database one of the gateway's own questions past the gateway, with this credential, and
 * gives the status of its answer as HTTP says it: 200, 401 where the credential is not taken.
 * Rejects with an `Error` where it does not answer.
 */
export async function askedStatus(
  { config, ca }: PreparedUpstream,
  request: OwnRequest,
  credential: readonly string[],
): Promise<number> {
  if (request.protocol === 'http') {
    const at = config.http ?? config.grpc;
    return (await askPlainly(at, request.target, { fields: credential, ca })).status;
  }
  const forwarder = makeGrpcForwarder(reach(config.grpc, ca, { times }));
  try {
    await ask(forwarder, request, credential);
    return 200;
  } catch (error) {
    if (error instanceof Refusal && typeof error.cause === 'number') return error.cause;
    throw error;
  } finally {
    await forwarder.close();
  }
}
