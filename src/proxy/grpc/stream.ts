import type { ServerHttp2Stream } from 'node:http2';
import { Refusal } from '../../refusal.ts';
import type { Peer } from '../../tls/peer.ts';
import type { Edge } from '../edge.ts';
import { Incoming } from '../incoming.ts';
import { Received } from '../received.ts';
import { readStreamHead } from '../stream-head.ts';
import { CallAnswer } from './answer.ts';
import { CallBody } from './body.ts';
import { type CallHead, readCallHead } from './head.ts';

/** Tells clients what they may compress with, where they did it otherwise. */
const taken = ['grpc-accept-encoding', 'gzip'];
const unimplemented = 12;

/** Takes a call. */
export function receiveStream(
  edge: Edge,
  stream: ServerHttp2Stream,
  raw: readonly string[],
  ended: boolean,
  peer: Peer,
): void {
  const head = readStreamHead(raw, edge.bounds.headBytes);
  const { call, objection } = callOf(head.method, head.fields);
  const declared = ended ? 0 : null;
  const incoming = new Incoming(stream, declared, () => !stream.aborted, edge.pace);
  const body = new CallBody(incoming, declared, call.gzip);
  const { method, target, fields } = head;
  const read = { method, target, fields, objection: head.objection ?? objection };
  const answer = new CallAnswer(stream, objection?.grpc === unimplemented ? taken : []);
  const { deadline } = call;
  edge.serve(new Received({ protocol: 'grpc', deadline, ...read }, peer, body, answer));
}

function callOf(
  method: string,
  fields: readonly string[],
): { call: CallHead; objection: Refusal | null } {
  try {
    return { call: readCallHead(method, fields, performance.now()), objection: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { call: { gzip: false, deadline: null }, objection: error };
  }
}
