import type { End, Peer } from '../tls/peer.ts';
import { jsonString } from './json-string.ts';
import { peerPart } from './parts.ts';
import type { RecordBody } from './record.ts';

/** Somebody who administers the gateway, as far as a record tells of them. */
export interface AuditedAdministrator {
  readonly name: string;
  /** By what they are known; `break-glass`: the one token that all may share. */
  readonly kind: 'token' | 'certificate' | 'oidc' | 'break-glass';
  /** Whom the issuer of a token calls them; null for other kinds. */
  readonly subject: string | null;
  readonly roles: readonly string[];
}

/** One call of the admin port. */
export interface AuditedCall {
  /** Our own id of the request. */
  readonly id: string;
  /** `admin.keys.create`; null where there is no such thing. */
  readonly operation: string | null;
  /** Whether it changes anything. */
  readonly changes: boolean;
  /** What the path names, where that is known, else `not-found`; null: it names nothing. */
  readonly target: string | null;
  readonly source: End;
  /** Null where the port is not secured (loopback). */
  readonly peer: Peer | null;
}

/** How a call ended. */
export interface AdminOutcome {
  readonly status: number;
  readonly durationMs: number;
  readonly bytes: { readonly in: number; readonly out: number };
}

/** Why a call is refused: its code, and the reason for the operator. */
export interface AdminDenial {
  readonly code: string;
  readonly reason: string;
}

/** Renders the records of the admin port. */
export interface AdminRecords {
  intent(call: AuditedCall, who: AuditedAdministrator): RecordBody;
  outcome(call: AuditedCall, outcome: AdminOutcome): RecordBody;
  denial(call: AuditedCall, who: AuditedAdministrator, denial: AdminDenial): RecordBody;
  /** What denials must have in common to be counted as alike. */
  alike(
    call: AuditedCall,
    who: AuditedAdministrator | null,
    denial: AdminDenial,
    from: string,
  ): string;
}

const longestReason = 512;

/** The renderer of a writer's admin records. */
export function adminRecords(time: () => string): AdminRecords {
  const opening = (kind: string, call: AuditedCall, event: string, who: AuditedAdministrator) =>
    `"time":"${time()}","kind":"${kind}","event":"${event}","request":${jsonString(call.id)},` +
    `${administratorPart(who)},${endPart(call)},"protocol":"http","upstream":null,` +
    whatPart(call);
  return {
    intent: (call, who) => `${opening('intent', call, eventOf(call), who)},"decision":"allow"`,
    outcome: ({ id }, { status, durationMs, bytes }) =>
      `"time":"${time()}","kind":"outcome","request":${jsonString(id)},"status":${status},` +
      `"durationMs":${Math.round(durationMs * 1000) / 1000},"points":{"in":0,"out":0},` +
      `"bytes":{"in":${bytes.in},"out":${bytes.out}},"attempts":0`,
    denial: (call, who, { code, reason }) =>
      `${opening('denial', call, eventOf(call), who)},"decision":"deny",` +
      `"refusal":${jsonString(code)},"reason":${clipped(reason)}`,
    alike: (call, who, { code, reason }, from) =>
      `"event":"${who ? eventOf(call) : 'auth.failure'}",` +
      `${who ? administratorPart(who) : '"principal":null'},` +
      `"source":{"prefix":${jsonString(from)}},"upstream":null,"operation":${orNull(call.operation)},` +
      `"refusal":${jsonString(code)}` +
      // Why nobody is let in is one of few sentences.
      (who || code !== 'not-authenticated' ? '' : `,"reason":${clipped(reason)}`),
  };
}

/** An administrator as the `principal` of a record; every use of the shared token says so. */
function administratorPart({ name, kind, subject, roles }: AuditedAdministrator): string {
  return (
    `"principal":{"kind":"administrator","id":${jsonString(name)},"name":${jsonString(name)},` +
    `"roles":[${roles.map(jsonString).join(',')}],"labels":{},"by":"${kind}"` +
    `${subject === null ? '' : `,"subject":${jsonString(subject)}`}` +
    `${kind === 'break-glass' ? ',"breakGlass":true' : ''}}`
  );
}

function clipped(reason: string): string {
  return jsonString(reason.slice(0, longestReason));
}

function eventOf({ changes }: AuditedCall): string {
  return changes ? 'admin.change' : 'admin.read';
}

function whatPart({ operation, target }: AuditedCall): string {
  return (
    `"operation":${orNull(operation)},"collections":[]` +
    (target === null ? '' : `,"target":${jsonString(target)}`)
  );
}

function endPart({ peer, source: { address, port } }: AuditedCall): string {
  if (peer) return peerPart(peer);
  return `"source":{"address":${jsonString(address)},"port":${port}},"tls":null`;
}

function orNull(text: string | null): string {
  return text === null ? 'null' : jsonString(text);
}
