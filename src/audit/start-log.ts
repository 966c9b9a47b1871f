import { mkdirSync } from 'node:fs';
import { type Checkpoints, checkpointsOf } from './checkpoints.ts';
import type { AuditConfig } from './config.ts';
import type { EventRecords, Unrecorded } from './event-record.ts';
import type { FileOperations } from './files.ts';
import { Ledger, type Listed } from './ledger.ts';
import { type Listing, listingOf } from './listing.ts';
import { Log, type LogOptions } from './log.ts';
import { readManifest } from './manifest.ts';
import type { RecordBody } from './record.ts';
import { type Found, recover } from './recover.ts';
import { segmentNumber } from './segment.ts';
import type { Noticed } from './upkeep.ts';

/** What a log is started with. */
export interface StartOptions
  extends Omit<LogOptions, 'directory' | 'faultRecord' | 'ending' | 'ledger' | 'openRequests'> {
  /** The requests under way; empty at the start. */
  readonly openRequests: Set<string>;
  /** The version of the gateway. */
  readonly version: string;
  readonly time: () => string;
  readonly noticed: Noticed;
}

/** A log that takes records, and what keeps its seals. */
export interface Started {
  readonly log: Log;
  /** Null where none are configured. */
  readonly checkpoints: Checkpoints | null;
  readonly listing: Listing;
}

const diedWriting = new Error('the gateway died while it wrote a record');

/**
 * Ends what earlier runs left open, and starts a new segment, durably. Rejects with an `Error` for
 * people where the log is damaged or cannot be written.
 */
export async function startLog(
  { directory, ...config }: AuditConfig,
  options: StartOptions,
  events: EventRecords,
  unrecorded: Unrecorded,
): Promise<Started> {
  const { writer, noticed } = options;
  const manifest = readManifest(directory, writer);
  const found = recover(directory, writer, manifest?.segments);
  const failed = (what: string) => (reason: string) => noticed(what, true, { directory, reason });
  const keyBefore = found.key ?? manifest?.key ?? null;
  const checkpoints = config.checkpoints
    ? checkpointsOf(config.checkpoints, { ...options, keyBefore, failed: failed('audit copy') })
    : null;
  const ledger = new Ledger(listedAtStart(manifest?.segments ?? [], found.spans));
  const faultRecord: LogOptions['faultRecord'] = (fault) => events.fault(fault, unrecorded);
  const ending: LogOptions['ending'] = (own) => checkpoints?.add(own);
  const { place, next } = found;
  const log = new Log({ ...options, directory, faultRecord, ending, ledger }, place, next);
  try {
    makeSafe(found, options.files);
    const begun = events.start(config, options.version);
    for (const request of found.open) options.openRequests.add(request);
    await log.start([...endingsOf(found, events, faultRecord), begun]);
    options.openRequests.clear();
  } catch (error) {
    throw unusable(directory, 'be written', error);
  }
  checkpoints?.add(log);
  const keyNow = checkpoints?.status.key ?? keyBefore;
  const listing = { directory, writer, ledger, key: keyNow, failed: failed('audit manifest') };
  return { log, checkpoints, listing: listingOf(listing) };
}

/** Cuts off what was never finished, and puts the rest on the disk. Throws the file system's error. */
function makeSafe({ torn, read }: Found, files: FileOperations): void {
  if (torn) files.truncate(torn.path, torn.bytes);
  for (const { path } of read) files.syncPath(path);
}

/** The records that end what a dead run left. */
function endingsOf(
  { torn, open }: Found,
  events: EventRecords,
  faultRecord: LogOptions['faultRecord'],
): RecordBody[] {
  const fault = torn && faultRecord({ ...torn, error: diedWriting, carried: 0, dropped: 0 });
  return [...(fault === null ? [] : [fault]), ...open.map(events.indeterminate)];
}

/** What is known of the segments: those that were read again, and those listed before them. Where
 * the first of them holds no record, nobody can tell where it stands. */
function listedAtStart(listed: readonly Listed[], spans: readonly Listed[]): Listed[] {
  const known = spans.findIndex(({ firstSeq, sealed }) => firstSeq <= (sealed?.lastSeq ?? 0));
  const opens = new Map(listed.map(({ name, open }) => [name, open]));
  const read = (known < 0 ? [] : spans.slice(known)).map((span) => {
    return { ...span, open: opens.get(span.name) ?? null };
  });
  const first = segmentNumber(read[0]?.name ?? spans[0]?.name ?? '');
  return [...listed.filter(({ name }) => segmentNumber(name) < first), ...read];
}

/** Makes the audit directory, for its owner alone, where it is missing. Throws `Error` for
 * people. */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(directory, 'be made', error);
  }
}

function unusable(directory: string, what: string, error: unknown): Error {
  const cause = error instanceof Error ? error.message : String(error);
  return new Error(
    `the audit directory ${directory} cannot ${what} (${cause}); ` +
      'see to its volume and its permissions, or name another',
    { cause: error },
  );
}
