import type { LocalAnswer } from '../operation.ts';

/** An empty Status, and no commands for the client: a heartbeat tells the database what its clients
 * call their collections, and would carry its commands to all of them alike. */
export function answerHeartbeat(): LocalAnswer {
  return { status: 0, contentType: null, body: Uint8Array.of(0x0a, 0x00) };
}

/** That this process answers: the gRPC health service's SERVING (grpc.health.v1, field 1). */
export function answerAlive(): LocalAnswer {
  return { status: 0, contentType: null, body: Uint8Array.of(0x08, 0x01) };
}
