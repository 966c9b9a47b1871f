import type { LocalAnswer } from '../operation.ts';

/** That this process answers: the gRPC health service's SERVING (grpc.health.v1, field 1). */
export function answerAlive(): LocalAnswer {
  return { status: 0, contentType: null, body: Uint8Array.of(0x08, 0x01) };
}
