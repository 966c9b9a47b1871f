import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { isFileError } from '../secret-file.ts';
import { Appender, type OpenSegment, type Place, type PlacedBody } from './appender.ts';
import { carryOver } from './carry-over.ts';
import type { Durability } from './config.ts';
import { Entries, type Settle } from './entries.ts';
import type { FileOperations } from './files.ts';
import type { Ledger } from './ledger.ts';
import type { Stretch } from './lines.ts';
import { discardSegment, openSegment, syncSegments } from './open-segment.ts';
import type { RecordBody } from './record.ts';
import { segmentNumber } from './segment.ts';

/** What a log is opened with. */
export interface LogOptions {
  readonly directory: string;
  readonly writer: string;
  readonly files: FileOperations;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  /** A segment is followed by another once it has this many bytes. */
  readonly segmentBytes: number;
  /** How many records may wait for the disk. */
  readonly queue: number;
  /** Renders the record that explains a fault, once the log can be written again. */
  readonly faultRecord: (fault: LogFault) => RecordBody;
  /** May add the last record of a segment that another follows. */
  readonly ending: (log: Log) => void;
  readonly ledger: Ledger;
  /** The requests whose intents are in the log, and their ends are not. */
  readonly openRequests: ReadonlySet<string>;
}

/** Why the log could not be written, and what of it counts: up to the first `bytes` of a segment,
 * which are synced. What was written after them is carried over into the next segment. */
export interface LogFault {
  readonly segment: string;
  readonly bytes: number;
  readonly error: Error;
  /** How many records follow that were carried over. */
  readonly carried: number;
  /** Records that could not be carried over, or were given up because too many waited. */
  dropped: number;
}

/** How far the log is on the disk. */
interface Safe extends Place {
  readonly segment: OpenSegment;
  readonly bytes: number;
}

/** How a log does. */
export interface LogStatus {
  /** Whether records can be taken, and the disk answers. */
  readonly ready: boolean;
  /** The segment that is written now; null while there is none. */
  readonly segment: string | null;
  /** Records of this writer in all. */
  readonly records: number;
  /** Bytes in the present segment. */
  readonly bytes: number;
  /** Records that wait for the disk. */
  readonly queue: number;
  /** How many records the last sync settled. */
  readonly groupSize: number;
  readonly lastError: string | null;
}

type Body = RecordBody | PlacedBody;

const stalledAfterMs = 5000;
const keptAtMost = 65_536;

/**
 * The one writer of one log. Records of one turn of the event loop share one write, as the call
 * costs more than a record; those that must be on the disk share a sync, too. After a failed write
 * or sync nothing is taken until a new segment has a durable `fault` record; the failed file is
 * neither written nor synced again, as a second sync may succeed after the kernel has dropped the
 * pages (PostgreSQL, `data_sync_retry`).
 */
export class Log {
  readonly #options: LogOptions;
  readonly #appender: Appender;
  readonly #entries = new Entries();
  #next: number;
  #safe: Safe | null = null;
  /** What was written since, when the log failed. */
  #unsafe: Stretch[] = [];
  #unsafeRecords = 0;
  /** The segments since then, oldest first. */
  #since: OpenSegment[] = [];
  #segment: OpenSegment | null = null;
  #sealed: OpenSegment[] = [];
  #doomed: OpenSegment[] = [];
  #groupSize = 0;
  #fault: LogFault | null = null;
  #lastError: Error | null = null;
  /** Counts the faults, so that what was under way before one can tell. */
  #epoch = 0;
  #syncingSince: number | null = null;
  #opening = false;
  /** False after a failure, until the next tick. */
  #mayRotate = true;
  #scheduled = false;
  #closed = false;

  constructor(options: LogOptions, at: Place, next: number) {
    this.#options = options;
    this.#appender = new Appender(options.files, options.writer, at);
    this.#next = next;
  }

  get status(): LogStatus {
    const since = this.#syncingSince;
    const stalled = since !== null && this.#options.monotonic() - since > stalledAfterMs;
    return {
      ready: this.#segment !== null && !stalled,
      segment: this.#segment?.name ?? null,
      records: this.#appender.seq,
      bytes: this.#segment?.bytes ?? 0,
      queue: this.#entries.waiting,
      groupSize: this.#groupSize,
      lastError: this.#lastError?.message ?? null,
    };
  }

  /** The number from which on segments are still needed to go on after a failure: those before are
   * whole and on the disk. 0 while the log has failed. */
  get sealedBefore(): number {
    const oldest = this.#since[0];
    return this.#fault || !oldest ? 0 : segmentNumber(oldest.name);
  }

  /** Opens the first segment with these records, durably. Rejects with the file system's error. */
  start(records: readonly RecordBody[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#openSegment(records, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Appends a record with the next write, at the latest when this turn of the event loop ends. */
  defer(body: RecordBody): void {
    this.#keep(body);
    if (this.#segment) this.#schedule();
  }

  /** Puts a record in the kernel or on the disk, with whatever else waits; tells `settle` once. */
  commit(body: Body, kept: boolean, durability: Durability, settle: Settle): void {
    if (!this.#segment) {
      if (kept) this.#keep(body);
      return settle(this.#unavailable(), false);
    }
    const { waiting } = this.#entries;
    if (waiting >= this.#options.queue && !kept) {
      const reason = `${waiting} records wait for the disk of the audit log`;
      return settle(new Refusal('audit-unavailable', reason), false);
    }
    this.#entries.add(body, kept, durability, settle);
    this.#schedule();
  }

  /** To be called each second: syncs what is only written, and mends what can be mended. */
  tick(): void {
    if (this.#closed) return;
    if (this.#fault) return this.#resume(this.#fault);
    const segment = this.#segment;
    if (!segment) return;
    try {
      if (!this.#options.files.stands(segment.file, segment.path)) {
        throw new Error(`${segment.name} was removed or replaced`);
      }
    } catch (error) {
      return this.#fail(error);
    }
    this.#mayRotate = true;
    this.#rotate(segment);
    this.#group();
  }

  /** Writes a last record and what `sealed` adds to it, and closes the log once all is on the disk.
   * Rejects with `Refusal` audit-unavailable. */
  async close(last: RecordBody, sealed: (log: Log) => Promise<void>): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.commit(last, true, 'synced', (refusal) => (refusal ? reject(refusal) : resolve()));
      });
      await sealed(this);
      if (this.#segment) this.#options.ledger.closed(this.#segment.bytes, this.#appender.mark());
    } finally {
      this.#closed = true;
      this.#shutAll();
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const { waiting, hurried } = this.#entries;
      // Who waits for the disk is written with the next group; a sync under way holds up no other.
      if (waiting === 0 || hurried > 0) this.#flush();
      if (waiting > 0) this.#group();
    });
  }

  /** Writes what is pending; false where that failed. */
  #flush(): boolean {
    const segment = this.#segment;
    if (!segment) return false;
    if (this.#entries.pending === 0) return true;
    const before = this.#appender.seq;
    try {
      this.#appender.append(segment, this.#entries.bodies());
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#entries.written(before);
    if (segment.bytes >= this.#options.segmentBytes) this.#rotate(segment);
    return true;
  }

  /** Writes what is pending and syncs all that was written; who comes meanwhile goes next. */
  #group(): void {
    if (this.#syncingSince !== null || !this.#flush()) return;
    const current = this.#segment;
    if (!current || this.#appender.seq === this.#safe?.seq) return;
    const safe = { ...this.#appender.mark(), segment: current, bytes: current.bytes };
    const epoch = this.#epoch;
    const sealed = this.#sealed;
    this.#sealed = [];
    this.#syncingSince = this.#options.monotonic();
    syncSegments(this.#options.files, [...sealed, current], (error) => {
      this.#syncingSince = null;
      this.#shut([...sealed, ...this.#doomed.splice(0)]);
      if (epoch === this.#epoch) {
        if (error) this.#fail(error);
        else {
          this.#safe = safe;
          this.#since = this.#since.slice(this.#since.indexOf(current));
          this.#groupSize = this.#entries.synced(safe.seq);
        }
      }
      if (this.#entries.waiting > 0) this.#group();
      else this.#flush();
    });
  }

  /** Goes on in a new segment; the old one is synced and closed with the next group. */
  #rotate(full: OpenSegment): void {
    if (this.#opening || !this.#mayRotate || full.bytes < this.#options.segmentBytes) return;
    this.#openSegment([], (error) => {
      this.#mayRotate = error === null;
      if (error) {
        this.#lastError = error;
        return;
      }
      this.#sealed.push(full);
      this.#group();
    });
  }

  /** Takes no more records: who waits is refused, what has happened is kept for later. */
  #fail(reason: unknown): void {
    const error = asError(reason);
    const safe = this.#safe;
    if (!this.#segment || !safe) return;
    this.#lastError = error;
    this.#fault = { segment: safe.segment.name, bytes: safe.bytes, error, carried: 0, dropped: 0 };
    this.#unsafe = this.#since.map(({ path, bytes }, index) => {
      return { path, from: index === 0 ? safe.bytes : 0, to: bytes };
    });
    this.#unsafeRecords = this.#appender.seq - safe.seq;
    this.#appender.rewind(safe);
    this.#epoch++;
    this.#shutAll();
    this.#entries.failed(this.#unavailable());
  }

  #resume(fault: LogFault): void {
    if (this.#opening) return;
    const { bodies: carried, passedOver } = carryOver(this.#unsafe);
    const dropped = fault.dropped + this.#unsafeRecords - carried.length - passedOver;
    const explained = this.#options.faultRecord({ ...fault, carried: carried.length, dropped });
    this.#openSegment([explained, ...carried], (error) => {
      this.#lastError = error ?? this.#lastError;
      if (error) return;
      this.#cutOff(this.#unsafe.splice(0));
      this.#fault = null;
      this.#flush();
    });
  }

  #openSegment(records: readonly RecordBody[], done: (error: Error | null) => void): void {
    const { files, directory, writer, ledger, openRequests } = this.#options;
    const number = this.#next++;
    const name = `${writer}-${number}.jsonl`;
    const epoch = this.#epoch;
    const mark = records.length > 0 ? this.#appender.mark() : null;
    const fill = (segment: OpenSegment) => {
      for (let at = 0; at < records.length; at += 1000) {
        this.#appender.append(segment, records.slice(at, at + 1000));
      }
    };
    this.#opening = true;
    openSegment(files, { name, path: join(directory, name) }, fill, (error, opened) => {
      if (opened && !mark) this.#end();
      this.#opening = false;
      if (opened && epoch === this.#epoch && !this.#closed) {
        const fault = this.#fault && { ...this.#fault, name: this.#fault.segment };
        const after = mark ? fault : this.#segment;
        const open = fault ? null : [...openRequests];
        ledger.opened({ name, at: mark ?? this.#appender.mark(), after, open });
        this.#segment = opened;
        this.#since = mark ? [opened] : [...this.#since, opened];
        if (mark) this.#safe = { ...this.#appender.mark(), segment: opened, bytes: opened.bytes };
        return done(null);
      }
      if (opened) discardSegment(files, opened);
      if (mark) this.#appender.rewind(mark);
      if (!isFileError(error, 'EEXIST')) this.#next = number;
      done(error ?? new Error('the log failed or closed meanwhile'));
    });
  }

  /** Ends a segment that another follows. */
  #end(): void {
    if (!this.#segment || this.#closed) return;
    this.#options.ending(this);
    this.#flush();
  }

  /** What no longer counts is cut off where that is possible; readers stop there anyway, as the
   * `fault` record tells how much of the segment counts. */
  #cutOff(stretches: readonly Stretch[]): void {
    for (const { path, from } of stretches) {
      try {
        this.#options.files.truncate(path, from);
      } catch (error) {
        this.#lastError = asError(error);
      }
    }
  }

  /** A file whose sync is under way is closed after it: its number could be another file's. */
  #shutAll(): void {
    this.#doomed.push(...this.#sealed, ...(this.#segment ? [this.#segment] : []));
    this.#sealed = [];
    this.#segment = null;
    if (this.#syncingSince === null) this.#shut(this.#doomed.splice(0));
  }

  #shut(segments: readonly OpenSegment[]): void {
    for (const segment of segments) {
      try {
        this.#options.files.close(segment.file);
      } catch (error) {
        this.#lastError = asError(error);
      }
    }
  }

  #keep(body: Body): void {
    if (this.#segment || this.#entries.pending < keptAtMost)
      this.#entries.add(body, true, 'written', null);
    else if (this.#fault) this.#fault.dropped++;
  }

  #unavailable(): Refusal {
    const why = this.#fault?.error.message ?? 'it is closed';
    return new Refusal('audit-unavailable', `the audit log cannot be written: ${why}`);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
