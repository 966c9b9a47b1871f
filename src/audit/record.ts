import type { Intent } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Permit } from '../policy/permit.ts';
import type { Peer } from '../tls/peer.ts';
import { jsonString } from './json-string.ts';
import { operationPart, peerPart, principalPart } from './parts.ts';
import { sourcePrefix } from './source-prefix.ts';
import type { Audited, Denied, Outcome } from './trail.ts';

/** A record but for what its place in the log gives it (`v`, `writer`, `seq`, `prev`): its members
 * from `"time"` on, without braces. */
export type RecordBody = string;

/** Renders the records of one upstream's exchanges. */
export interface Records {
  intent(exchange: Audited, permit: Permit): RecordBody;
  attempt(exchange: Audited, number: number): RecordBody;
  outcome(exchange: Audited, outcome: Outcome): RecordBody;
  denial(denied: Denied): RecordBody;
  /** What denials must have in common to be counted as alike: the members of their count. */
  alike(denied: Denied): string;
}

/** What a denial may cost: the rest of what a caller wrote is counted, not kept. */
const most = { references: 32, name: 256, reason: 512 };

/** What a renderer takes from its surroundings. */
export interface RecordSources {
  /** The digest of the policies in force. */
  readonly policy: () => string;
  readonly time: () => string;
  /** Whether a peer of this address is believed what it says its requests belong to. */
  readonly trusts: (address: string) => boolean;
}

/** The renderer of one upstream. */
export function recordsOf(upstream: string, { policy, time, trusts }: RecordSources): Records {
  const where = `"upstream":${jsonString(upstream)},`;
  const digest = renderedDigest(policy);
  const opening = (kind: string, event: string, exchange: Audited, who: Identity | null) =>
    `"time":"${time()}","kind":"${kind}","event":${jsonString(event)},` +
    `"request":${jsonString(exchange.id)},${contextPart(exchange, trusts)}${principalPart(who)},` +
    `${peerPart(exchange.peer)},` +
    `"protocol":"${exchange.protocol}",${where}`;
  const following = (kind: string, exchange: Audited) =>
    `"time":"${time()}","kind":"${kind}","request":${jsonString(exchange.id)},`;
  return {
    intent: (exchange, { intent, identity, rule }) =>
      opening('intent', intent.operation.event, exchange, identity) +
      `${operationPart(intent.operation, intent.needs)}${loweredPart(intent)},"decision":"allow",` +
      `"rule":${orNull(rule)},${digest()}`,
    attempt: (exchange, number) => `${following('attempt', exchange)}"attempt":${number}`,
    outcome: (exchange, outcome) => following('outcome', exchange) + outcomePart(outcome),
    denial: (denied) =>
      opening('denial', deniedEvent(denied), denied.exchange, denied.identity) +
      `${clippedOperation(denied)},"decision":"deny","refusal":"${denied.refusal.code}",` +
      `"reason":${jsonString(denied.refusal.message.slice(0, most.reason))},` +
      `"rule":${orNull(denied.refusal.rule)},${digest()}`,
    alike: (denied) =>
      `"event":${jsonString(deniedEvent(denied))},${callerPart(denied)},` +
      `${where}${clippedOperation(denied)},"refusal":"${denied.refusal.code}"${why(denied)}`,
  };
}

/** An answer that carries less than was asked for shows in no other record. */
function loweredPart({ request: { lowered } }: Intent): string {
  return lowered ? `,"lowered":${JSON.stringify(lowered)}` : '';
}

function orNull(text: string | null): string {
  return text === null ? 'null' : jsonString(text);
}

/** What the caller says of where its request comes from, where it says so. */
function contextPart(
  { parent, traceparent, peer }: Audited,
  trusts: RecordSources['trusts'],
): string {
  return (
    (parent ? `"${trusts(peer.address) ? 'parent' : 'claimed'}":${jsonString(parent)},` : '') +
    (traceparent ? `"traceparent":${jsonString(traceparent)},` : '')
  );
}

function deniedEvent({ operation, refusal }: Denied): string {
  if (refusal.code === 'not-authenticated') return 'auth.failure';
  return operation?.event ?? 'request.refused';
}

/** Nobody is told apart from nobody by the network they come from. */
function callerPart({ identity, exchange }: Denied): string {
  if (identity) return principalPart(identity);
  return nobodyPart(exchange.peer);
}

const nobodies = new WeakMap<Peer, string>();

/** Rendered once for each connection, as a flood is counted by it. */
function nobodyPart(peer: Peer): string {
  let part = nobodies.get(peer);
  if (part === undefined) {
    part = `"principal":null,"source":{"prefix":${jsonString(sourcePrefix(peer.address))}}`;
    nobodies.set(peer, part);
  }
  return part;
}

/** What tells denials of one refusal apart. Why somebody may not: policies say so, or another. Why
 * a credential does not count: one of few sentences, as the id that anybody may make up for a key
 * is left out. The rest goes by its refusal alone, as its reasons hold numbers. */
function why({ identity, refusal }: Denied): string {
  if (refusal.code !== (identity ? 'not-permitted' : 'not-authenticated')) return '';
  const { message, failing } = refusal;
  const reason = failing?.key ? message.replaceAll(failing.key, '…') : message;
  return `,"reason":${jsonString(reason.slice(0, most.reason))}`;
}

/** Small, whatever the caller wrote. */
function clippedOperation({ operation, needs }: Denied): string {
  const kept = needs.slice(0, most.references).map((need) => ({
    ...need,
    collection: need.collection && {
      named: need.collection.named.slice(0, most.name),
      resolved: need.collection.resolved.slice(0, most.name),
    },
  }));
  const left = needs.length - kept.length;
  return operationPart(operation, kept) + (left > 0 ? `,"needsLeftOut":${left}` : '');
}

function outcomePart(outcome: Outcome): string {
  const { points, bytes, failure } = outcome;
  return (
    `"status":${outcome.status},"durationMs":${Math.round(outcome.durationMs * 1000) / 1000},` +
    `"points":{"in":${points.in},"out":${points.out}},` +
    `"bytes":{"in":${bytes.in},"out":${bytes.out}},"attempts":${outcome.attempts}` +
    (failure === undefined ? '' : `,"failure":${jsonString(failure)}`)
  );
}

/** The digest changes with a reload only, so it is rendered once for each. */
function renderedDigest(policy: () => string): () => string {
  let known = '';
  let part = '"policy":""';
  return () => {
    const digest = policy();
    if (digest !== known) {
      known = digest;
      part = `"policy":${jsonString(digest)}`;
    }
    return part;
  };
}
