import type { FailureAlarm } from '../limits/failures.ts';
import type { SweepAlarm } from '../limits/sweep-alarms.ts';
import type { AuditConfig } from './config.ts';
import { jsonString } from './json-string.ts';
import type { LogFault } from './log.ts';
import type { Bad } from './read-chain.ts';
import type { RecordBody } from './record.ts';
import type { Deletable } from './retention.ts';
import { sourcePrefix } from './source-prefix.ts';

/** Something about the gateway itself that changed while it ran. */
export interface Change {
  /** `policy.changed`, `keys.changed`, `certificate.changed`, `crl.changed`, … */
  readonly event: string;
  /** The upstream that is concerned; null: all. */
  readonly upstream: string | null;
  /** `sha256:…` of what is in force now; left out where it would be one of a secret. */
  readonly digest?: string;
  /** Why what was to come into force did not. */
  readonly reason?: string;
  /** The one key that it is about. */
  readonly key?: { readonly id: string; readonly name: string };
  /** Which of an upstream's credentials, why it was tried, and why it was not taken. */
  readonly credential?: {
    readonly credential: string;
    readonly cause: string;
    readonly reason: string | null;
  };
  /** Who did it, where that is known to be somebody or something. */
  readonly by?: ChangedBy;
}

/** Who changed something: an administrator of the admin port, a user of this machine by a command,
 * whoever may edit the file, or somebody elsewhere who shares the store. */
export interface ChangedBy {
  readonly kind: 'administrator' | 'os-user' | 'file' | 'store';
  /** Null for an edit of the file, and for what comes from the store. */
  readonly name: string | null;
}

/** How many operations passed unrecorded, by leave of the configuration. */
export type Unrecorded = Record<'read' | 'write', number>;

/** Renders the records that no exchange causes. */
export interface EventRecords {
  start(config: Omit<AuditConfig, 'directory'>, version: string): RecordBody;
  stop(): RecordBody;
  change(change: Change): RecordBody;
  /** A segment is about to be deleted, and the chain's beginning with it. */
  deleted(deletion: Deletable): RecordBody;
  fault(fault: LogFault, unrecorded: Unrecorded): RecordBody;
  /** What was written earlier was found damaged. */
  damaged(bad: Bad): RecordBody;
  /** The clock was set back: times of this run are this far ahead of it. */
  clockBehind(milliseconds: number): RecordBody;
  /** The process that wrote this log before ended, and another was started in its place. */
  succeeded(how: string): RecordBody;
  /** An intent that no outcome followed before the gateway died. */
  indeterminate(request: string): RecordBody;
  /** `alike` is what the counted denials have in common. */
  failures(alike: string, count: number, since: string): RecordBody;
  /** What client certificates that a handshake refused are counted by. */
  unshaken(upstream: string | null, refused: RefusedPeer): string;
  alarm(alarm: FailureAlarm): RecordBody;
  swept(upstream: string, alarm: SweepAlarm): RecordBody;
}

/** A client whose certificate was refused before it could ask for anything. */
export interface RefusedPeer {
  readonly address: string;
  /** OpenSSL's word for it, or a sentence of ours. */
  readonly reason: string;
}

/** The renderer of a writer's own records. */
export function eventRecords(time: () => string): EventRecords {
  const opening = (kind: string) => `"time":"${time()}","kind":"${kind}"`;
  return {
    start: ({ durability, unavailable }, version) =>
      `${opening('start')},"event":"gateway.start","version":${jsonString(version)},` +
      `"durability":${readAndWrite(durability)},"unavailable":${readAndWrite(unavailable)}`,
    stop: () => `${opening('stop')},"event":"gateway.stop"`,
    change: ({ event, upstream, digest, reason, key, credential, by }) =>
      `${opening('config')},"event":${jsonString(event)},` +
      `"upstream":${upstream === null ? 'null' : jsonString(upstream)}` +
      (digest === undefined ? '' : `,"digest":${jsonString(digest)}`) +
      (reason === undefined ? '' : `,"reason":${jsonString(reason.slice(0, 512))}`) +
      (key ? `,"key":{"id":${jsonString(key.id)},"name":${jsonString(key.name)}}` : '') +
      (credential ? `,${credentialText(credential)}` : '') +
      (by ? `,"by":${changedBy(by)}` : ''),
    deleted: ({ segment, reason, firstSeq, lastSeq, lastHash }) =>
      `${opening('config')},"event":"audit.deleted","segment":${jsonString(segment.name)},` +
      `"reason":"${reason}","firstSeq":${firstSeq},"lastSeq":${lastSeq},"lastHash":"${lastHash}"`,
    fault: ({ segment, bytes, error, carried, dropped }, unrecorded) =>
      `${opening('fault')},"event":"audit.fault","segment":${jsonString(segment)},` +
      `"bytes":${bytes},"error":${jsonString(error.message.slice(0, 512))},` +
      `"carried":${carried},"dropped":${dropped},` +
      `"unrecorded":{"read":${unrecorded.read},"write":${unrecorded.write}}`,
    damaged: ({ file, offset, seq, reason }) =>
      `${opening('fault')},"event":"audit.damaged","damaged":${jsonString(file)},` +
      `"offset":${offset},"damagedSeq":${seq},"error":${jsonString(reason)}`,
    clockBehind: (milliseconds) =>
      `${opening('fault')},"event":"clock.behind","behindMs":${Math.round(milliseconds)}`,
    succeeded: (how) =>
      `${opening('fault')},"event":"worker.ended","error":${jsonString(how.slice(0, 512))}`,
    indeterminate: (request) => `${opening('indeterminate')},"request":${jsonString(request)}`,
    failures: (alike, count, since) =>
      `${opening('failures')},${alike},"count":${count},"since":"${since}"`,
    unshaken: (upstream, { address, reason }) =>
      `"event":"auth.failure","principal":null,` +
      `"source":{"prefix":${jsonString(sourcePrefix(address))}},` +
      `"upstream":${upstream === null ? 'null' : jsonString(upstream)},` +
      `"operation":null,"collections":[],"refusal":"not-authenticated",` +
      `"reason":${jsonString(`client certificate: ${reason}`.slice(0, 512))}`,
    alarm: ({ by, name, count }) =>
      `${opening('failures')},"event":"auth.alarm","principal":null,` +
      (by === 'key'
        ? `"key":{"id":${jsonString(name)}}`
        : `"source":{"prefix":${jsonString(name)}}`) +
      `,"count":${count}`,
    swept: (upstream, { limit, holder, database, collection, share, seconds }) =>
      `${opening('alarm')},"event":"limit.sweep",` +
      `"holder":${holder === null ? 'null' : jsonString(holder)},` +
      `"upstream":${jsonString(upstream)},"collections":[${sweptText(database, collection)}],` +
      `"limit":${jsonString(limit)},"share":${share},"seconds":${seconds}`,
  };
}

/** Its own name, as nobody's request is told of here. */
function sweptText(database: string | null, collection: string | null): string {
  if (collection === null) return '';
  const name = jsonString(collection);
  const within = database === null ? '' : `"database":${jsonString(database)},`;
  return `{${within}"named":${name},"resolved":${name}}`;
}

function credentialText({ credential, cause, reason }: NonNullable<Change['credential']>): string {
  const told = reason === null ? '' : `,"reason":${jsonString(reason.slice(0, 512))}`;
  return `"credential":${jsonString(credential)},"cause":${jsonString(cause)}${told}`;
}

function changedBy({ kind, name }: ChangedBy): string {
  return `{"kind":"${kind}"${name === null ? '' : `,"name":${jsonString(name)}`}}`;
}

function readAndWrite({ read, write }: Readonly<Record<'read' | 'write', string>>): string {
  return `{"read":"${read}","write":"${write}"}`;
}
