import { constants, type Http2Stream, type ServerHttp2Stream } from 'node:http2';

/**
 * Turns of the loop until what was given to nghttp2 has been framed: one for Node's own trailers,
 * one for the write, one to be after it.
 */
const framingTurns = 3;

/**
 * Ends a stream so that the other side cannot take it for whole. `stream.close(code)` will not do:
 * it ends the writable side first, and the other side sees END_STREAM before the reset.
 */
export function breakOff(stream: Http2Stream): void {
  stream.destroy(new Error('broken off'));
}

/**
 * Tells a client that still sends to stop, now that its answer has ended (RFC 9113, section 8.1). A
 * reset takes along what nghttp2 has not framed yet, so that it has to wait for the answer.
 */
export function stopClient(stream: ServerHttp2Stream): void {
  if (stream.endAfterHeaders || stream.readableEnded || stream.destroyed) return;
  stream.resume();
  afterTurns(framingTurns, () => {
    if (!stream.readableEnded && !stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}

function afterTurns(turns: number, act: () => void): void {
  if (turns === 0) act();
  else setImmediate(afterTurns, turns - 1, act);
}
