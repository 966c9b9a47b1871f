import type { FailureAlarm } from '../limits/failures.ts';
import type { SweepAlarm } from '../limits/sweep-alarms.ts';
import { type AdminAudit, adminAudit } from './admin-audit.ts';
import { type Authenticated, authenticationRecords } from './authentication.ts';
import type { CheckpointStatus } from './checkpoints.ts';
import type { AuditConfig } from './config.ts';
import { countedDenials } from './counted.ts';
import {
  type Change,
  type EventRecords,
  eventRecords,
  type RefusedPeer,
  type Unrecorded,
} from './event-record.ts';
import { type FileOperations, systemFiles } from './files.ts';
import { lockWriter } from './lock.ts';
import type { Log, LogStatus } from './log.ts';
import { recordsOf } from './record.ts';
import { auditOf } from './recorder.ts';
import { freeOn, type Space } from './space.ts';
import { makeDirectory, startLog } from './start-log.ts';
import { type Clock, stamps, systemClock } from './timestamp.ts';
import type { Audit } from './trail.ts';
import { countUnreadable, type Unreadable } from './unreadable.ts';
import { type Noticed, type Upkeep, type UpkeepOptions, upkeepOf } from './upkeep.ts';

/** How the audit log does, for readiness, status and metrics. */
export interface AuditStatus extends LogStatus {
  /** Operations forwarded without a record since the start: only where `unavailable: forward`. */
  readonly unrecorded: Readonly<Unrecorded>;
  /** Where records of earlier runs, read again beside all else, were found damaged; null:
   * nowhere. */
  readonly damaged: string | null;
  readonly space: Space;
  /** Null where none are configured. */
  readonly checkpoints: CheckpointStatus | null;
}

/** The audit log of this process: its one writer. */
export interface AuditLog {
  /** The audit of one upstream; `policyDigest` gives the digest of the policies in force. */
  forUpstream(name: string, policyDigest: () => string): Audit;
  /** Records a change of configuration, policies, keys or certificates. Never throws. */
  configured(change: Change): void;
  /** Records that this process took the place of one that ended, and how that ended. Never
   * throws. */
  succeeded(how: string): void;
  /** Records that somebody may be trying credentials. Never throws. */
  alarmed(alarm: FailureAlarm): void;
  /** Counts what was refused before it could become a request. Never throws. */
  unreadable(what: Unreadable): void;
  /** Counts a client whose certificate its handshake refused; null: at the admin port. Never
   * throws. */
  refusedPeer(upstream: string | null, refused: RefusedPeer): void;
  /** Records that somebody sweeps through a collection of an upstream. Never throws. */
  swept(upstream: string, alarm: SweepAlarm): void;
  /** Records that a credential was found good, as often as is configured. */
  readonly authenticated: Authenticated;
  /** What the admin port records its calls with. */
  readonly admin: AdminAudit;
  readonly status: AuditStatus;
  /** Records the stop, once all is on the disk, and lets go of the directory. Rejects with
   * `Refusal` audit-unavailable. */
  close(): Promise<void>;
}

/** What the log takes from its surroundings, so that a test can put its own in place. */
export interface Surroundings {
  readonly files: FileOperations;
  readonly clock: Clock;
  /** Calls `tick` each second until the answer is called. */
  readonly eachSecond: (tick: () => void) => () => void;
  /** The version of the gateway. */
  readonly version: string;
  /** `w1`: told apart from the other processes that write to the same directory. */
  readonly writer: string;
  /** Whether a peer of this address is believed what it says its requests belong to. */
  readonly trusts: (address: string) => boolean;
  readonly volumeFree: UpkeepOptions['volumeFree'];
  /** Hears of the room of the log, and of upkeep that fails. */
  readonly noticed: Noticed;
  readonly segmentBytes: number;
  readonly queue: number;
  /** Bytes that a start reads again though they are sealed. */
  readonly readAgain: number;
}

const usual: Surroundings = {
  files: systemFiles,
  clock: systemClock,
  eachSecond: (tick) => {
    const timer = setInterval(tick, 1000).unref();
    return () => clearInterval(timer);
  },
  version: '',
  writer: 'w1',
  trusts: () => false,
  volumeFree: freeOn,
  noticed: () => {},
  segmentBytes: 128 * 1024 * 1024,
  queue: 8192,
  readAgain: 128 * 1024 * 1024,
};

/**
 * Takes the audit directory for this process, ends what earlier runs left open, and starts a new
 * segment, durably. Rejects with an `Error` for people: the directory is another gateway's, cannot
 * be written, or holds a damaged log.
 */
export async function openAudit(
  config: AuditConfig,
  surroundings: Partial<Surroundings> = {},
): Promise<AuditLog> {
  const around = { ...usual, ...surroundings };
  makeDirectory(config.directory);
  const lock = lockWriter(config.directory, around.writer);
  try {
    return await opened(config, around, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function opened(
  config: AuditConfig,
  around: Surroundings,
  release: () => void,
): Promise<AuditLog> {
  const { next: time, behind } = stamps(around.clock);
  const unrecorded: Unrecorded = { read: 0, write: 0 };
  const events = eventRecords(time);
  const counted = countedDenials(time);
  // Apart from the denials: who need not even send a request must not crowd those out.
  const early = countedDenials(time);
  const options = { ...around, time, monotonic: around.clock.monotonic };
  const started = await startLog(config, options, events, unrecorded);
  const { log, checkpoints, listing, recheck } = started;
  if (!checkpoints) around.noticed(unsigned, true, { remedy: 'configure audit.checkpoints' });
  const drain = () => {
    for (const counts of [counted, early]) {
      counts.drain((...told) => log.defer(events.failures(...told)));
    }
  };
  const upkeep = upkeepFor(config, around, log, events);
  await upkeep.look();
  const watchClock = clockWatch(behind, (late) => log.defer(events.clockBehind(late)));
  const stop = around.eachSecond(() => {
    if (log.status.ready) drain();
    watchClock();
    log.tick();
    checkpoints?.tick(log);
    listing.tick();
    void upkeep.tick();
  });
  const full = () => upkeep.space.level === 'full';
  const recorder = { ...started, config, counted, unrecorded, full };
  return {
    forUpstream: (name, policy) => {
      return auditOf(recorder, recordsOf(name, { policy, time, trusts: around.trusts }));
    },
    configured: (change) => log.defer(events.change(change)),
    succeeded: (how) => log.defer(events.succeeded(how)),
    alarmed: (alarm) => log.defer(events.alarm(alarm)),
    unreadable: (what) => countUnreadable(early, what),
    refusedPeer: (upstream, refused) =>
      early.add(events.unshaken(upstream, refused), 'not-authenticated'),
    swept: (upstream, alarm) => log.defer(events.swept(upstream, alarm)),
    authenticated: authenticationRecords(log, config.authentication.success, time),
    admin: adminAudit(log, counted, time),
    get status() {
      const { ready, ...status } = log.status;
      const { space } = upkeep;
      const { damaged } = recheck;
      const sealed = { checkpoints: checkpoints?.status ?? null };
      return { ...status, ready: ready && !full(), damaged, unrecorded, space, ...sealed };
    },
    close: async () => {
      stop();
      recheck.stop();
      await upkeep.close();
      drain();
      const seal = async () => checkpoints?.close(log);
      await log.close(events.stop(), seal).finally(listing.settled).finally(release);
    },
  };
}

function upkeepFor(
  config: AuditConfig,
  { writer, volumeFree, clock, noticed }: Surroundings,
  log: Log,
  events: EventRecords,
): Upkeep {
  return upkeepOf(config, {
    writer,
    volumeFree,
    noticed,
    now: clock.wall,
    sealedBefore: () => log.sealedBefore,
    recordDeletion: (deletion) =>
      new Promise((resolve, reject) => {
        const body = events.deleted(deletion);
        log.commit(body, false, 'synced', (refusal) => (refusal ? reject(refusal) : resolve()));
      }),
  });
}

const unsigned = 'nobody signs the audit log: who can write its directory can write another';

/** Tells each further second by which the clock was set back, once. */
function clockWatch(behind: () => number, tell: (late: number) => void): () => void {
  let told = 0;
  return () => {
    const late = behind();
    if (Math.abs(late - told) < 1000) return;
    told = late;
    tell(late);
  };
}
