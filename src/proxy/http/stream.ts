import type { ServerHttp2Stream } from 'node:http2';
import { Refusal } from '../../refusal.ts';
import type { Peer } from '../../tls/peer.ts';
import type { Edge } from '../edge.ts';
import { Incoming } from '../incoming.ts';
import { Received } from '../received.ts';
import { readStreamHead } from '../stream-head.ts';
import { HttpBody } from './body.ts';
import { type Framing, readHead2 } from './head.ts';
import { StreamAnswer } from './stream-answer.ts';

/** Takes a REST request that came over HTTP/2. */
export function receiveStream(
  edge: Edge,
  stream: ServerHttp2Stream,
  raw: readonly string[],
  ended: boolean,
  peer: Peer,
): void {
  const head = readStreamHead(raw, edge.bounds.headBytes);
  const { framing, objection } = framingOf(head.fields, ended);
  const incoming = new Incoming(stream, framing.declared, () => !stream.aborted, edge.pace);
  const body = new HttpBody(incoming, framing.declared);
  const { method, target, fields } = head;
  const read = { method, target, fields, objection: head.objection ?? objection };
  const answer = new StreamAnswer(stream);
  edge.serve(new Received({ protocol: 'http', deadline: null, ...read }, peer, body, answer));
}

function framingOf(
  fields: readonly string[],
  ended: boolean,
): { framing: Framing; objection: Refusal | null } {
  try {
    return { framing: readHead2(fields, ended), objection: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { framing: { declared: ended ? 0 : null, heldBack: false }, objection: error };
  }
}
