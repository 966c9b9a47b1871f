import { mkdirSync } from 'node:fs';
import { type Checkpoints, checkpointsOf } from './checkpoints.ts';
import type { AuditConfig } from './config.ts';
import type { EventRecords, Unrecorded } from './event-record.ts';
import type { FileOperations } from './files.ts';
import { Ledger, type Listed } from './ledger.ts';
import { type Listing, listingOf } from './listing.ts';
import { Log, type LogOptions } from './log.ts';
import { readManifest } from './manifest.ts';
import type { Bad } from './read-chain.ts';
import { type Alarms, type Rechecking, rechecking } from './recheck.ts';
import type { RecordBody } from './record.ts';
import { type Found, recover } from './recover.ts';
import { segmentNumber } from './segment.ts';
import type { Noticed } from './upkeep.ts';

/** What a log is started with. */
export interface StartOptions
  extends Omit<LogOptions, 'directory' | 'faultRecord' | 'ending' | 'ledger' | 'openRequests'> {
  /** Bytes that are read again though they are sealed. */
  readonly readAgain: number;
  /** The version of the gateway. */
  readonly version: string;
  readonly time: () => string;
  readonly noticed: Noticed;
}

/** A log that takes records, and what keeps its seals. */
export interface Started {
  /** The requests whose intents are in the log, and their ends are not. */
  readonly openRequests: Set<string>;
  readonly log: Log;
  /** Null where none are configured. */
  readonly checkpoints: Checkpoints | null;
  readonly listing: Listing;
  /** The reading of what the start did not. */
  readonly recheck: Rechecking;
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
  const { manifest, found } = leftIn(directory, options);
  const failed = (what: string) => (reason: string) => noticed(what, true, { directory, reason });
  const keyBefore = found.key ?? manifest?.key ?? null;
  const signing = { ...options, keyBefore, failed: failed('audit copy') };
  const checkpoints = config.checkpoints ? checkpointsOf(config.checkpoints, signing) : null;
  const ledger = new Ledger(listedAtStart(manifest?.segments ?? [], found.spans));
  const faultRecord: LogOptions['faultRecord'] = (fault) => events.fault(fault, unrecorded);
  const ending: LogOptions['ending'] = (own) => checkpoints?.add(own);
  const openRequests = new Set(found.open);
  const opening = { ...options, directory, faultRecord, ending, ledger, openRequests };
  const log = new Log(opening, found.place, found.next);
  const first = [...endingsOf(found, events, faultRecord), events.start(config, options.version)];
  await begin(log, found, first, { ...options, directory });
  openRequests.clear();
  checkpoints?.add(log);
  const key = checkpoints?.status.key ?? keyBefore;
  const listing = listingOf({ directory, writer, ledger, key, failed: failed('audit manifest') });
  const told = (bad: Bad) => log.defer(events.damaged(bad));
  const recheck = recheckOf(directory, found, { found: told, failed: failed('audit damaged') });
  return { log, checkpoints, listing, recheck, openRequests };
}

/** Opens the first segment of this run. */
async function begin(
  log: Log,
  found: Found,
  records: readonly RecordBody[],
  { directory, files }: StartOptions & { readonly directory: string },
): Promise<void> {
  try {
    makeSafe(found, files);
    await log.start(records);
  } catch (error) {
    throw unusable(directory, 'be written', error);
  }
}

/** What earlier runs left; where it cannot be read, that is told as of the directory. */
function leftIn(directory: string, options: StartOptions) {
  const { writer, readAgain } = options;
  try {
    const manifest = readManifest(directory, writer);
    const listed = manifest?.segments ?? [];
    const reading = progressOf(directory, options);
    return { manifest, found: recover(directory, writer, listed, readAgain, reading) };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw unusable(directory, 'be read', error);
  }
}

const progressEveryMs = 3000;

/** Tells each few seconds how far a long reading came, so that no start seems to hang. */
function progressOf(directory: string, { monotonic, noticed }: StartOptions) {
  let told = monotonic();
  return (bytes: number, of: number): void => {
    if (monotonic() - told < progressEveryMs) return;
    told = monotonic();
    const percent = Math.floor((bytes / of) * 100);
    noticed('the audit log is read before the start', false, { directory, percent, of });
  };
}

function recheckOf(directory: string, { unread, spans, place }: Found, alarms: Alarms): Rechecking {
  const first = spans.find(({ firstSeq, sealed }) => firstSeq <= (sealed?.lastSeq ?? 0));
  const until = first ? { seq: first.firstSeq - 1, prev: first.prev } : place;
  return rechecking({ directory, segments: unread, until }, alarms);
}

/** Cuts off what was never finished, and puts the rest on the disk. Throws the file system's
 * error. */
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
