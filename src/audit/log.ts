import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { isFileError } from '../secret-file.ts';
import { Appender, type OpenSegment, type Place } from './appender.ts';
import type { FileOperations } from './files.ts';
import { discardSegment, openSegment } from './open-segment.ts';
import type { RecordBody } from './record.ts';
import { segmentName } from './segment.ts';

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
}

/** Why the log could not be written, and what of its segment counts: its first `bytes`. */
export interface LogFault {
  readonly segment: string;
  readonly bytes: number;
  readonly error: Error;
  /** Records of results that were given up because too many waited. */
  dropped: number;
}

/** Hears whether a record is durable. Where it is not, `written` tells whether it is in the log all
 * the same. */
export type Settle = (refusal: Refusal | null, written: boolean) => void;

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

/** A record on its way. One that is `kept` outlives a fault: it tells what has already happened. */
interface Entry {
  readonly body: RecordBody;
  readonly kept: boolean;
  readonly settle: Settle | null;
  seq: number;
}

const stalledAfterMs = 5000;
const keptAtMost = 65_536;

/**
 * The one writer of one log. A record is in the kernel when `write` returns, on the disk when
 * `commit` settles. After a failed write or sync nothing is taken until a new segment has a durable
 * `fault` record; the failed file is neither written nor synced again, as a second sync may succeed
 * after the kernel has dropped the pages (PostgreSQL, `data_sync_retry`).
 */
export class Log {
  readonly #options: LogOptions;
  readonly #appender: Appender;
  #next: number;
  #synced: number;
  #segment: OpenSegment | null = null;
  #sealed: OpenSegment[] = [];
  #doomed: OpenSegment[] = [];
  #pending: Entry[] = [];
  #unsynced: Entry[] = [];
  #waiting = 0;
  #groupSize = 0;
  #fault: LogFault | null = null;
  #lastError: Error | null = null;
  /** Counts the faults, so that what was under way before one can tell. */
  #epoch = 0;
  #syncingSince: number | null = null;
  #opening = false;
  #scheduled = false;
  #closed = false;

  constructor(options: LogOptions, at: Place, next: number) {
    this.#options = options;
    this.#appender = new Appender(options.files, options.writer, at);
    this.#synced = at.seq;
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
      queue: this.#waiting,
      groupSize: this.#groupSize,
      lastError: this.#lastError?.message ?? null,
    };
  }

  /** Opens the first segment with these records, durably. Rejects with the file system's error. */
  start(records: readonly RecordBody[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#openSegment(records, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Appends a record, and all that wait before it, to the kernel. Throws `Refusal`
   * audit-unavailable; the record is then taken later where it is `kept`, else never. */
  write(body: RecordBody, kept: boolean): void {
    if (!this.#segment) {
      if (kept) this.#keep(body);
      throw this.#unavailable();
    }
    this.#pending.push({ body, kept, settle: null, seq: 0 });
    if (!this.#flush()) throw this.#unavailable();
  }

  /** Appends a record with the next write, at the latest when this turn of the event loop ends. */
  defer(body: RecordBody): void {
    this.#keep(body);
    if (this.#segment) this.#schedule();
  }

  /** Puts a record on the disk, with whatever else waits, and tells `settle` once. */
  commit(body: RecordBody, kept: boolean, settle: Settle): void {
    if (!this.#segment) {
      if (kept) this.#keep(body);
      return settle(this.#unavailable(), false);
    }
    if (this.#waiting >= this.#options.queue && !kept) {
      const reason = `${this.#waiting} records wait for the disk of the audit log`;
      return settle(new Refusal('audit-unavailable', reason), false);
    }
    this.#waiting++;
    this.#pending.push({ body, kept, settle, seq: 0 });
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
    this.#rotate(segment);
    this.#group();
  }

  /** Writes a last record and closes the log, once all is on the disk. Rejects with `Refusal`
   * audit-unavailable. */
  async close(last: RecordBody): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.commit(last, true, (refusal) => (refusal ? reject(refusal) : resolve()));
      });
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
      if (this.#waiting > 0) this.#group();
      else this.#flush();
    });
  }

  /** Writes what is pending; false where that failed. */
  #flush(): boolean {
    const segment = this.#segment;
    if (!segment) return false;
    if (this.#pending.length === 0) return true;
    const entries = this.#pending;
    let seq = this.#appender.seq;
    try {
      this.#appender.append(segment, entries.map(bodyOf));
    } catch (error) {
      this.#fail(error);
      return false;
    }
    this.#pending = [];
    for (const entry of entries) {
      entry.seq = ++seq;
      if (entry.settle) this.#unsynced.push(entry);
    }
    if (segment.bytes >= this.#options.segmentBytes) this.#rotate(segment);
    return true;
  }

  /** Writes what is pending and syncs all that was written; who comes meanwhile goes next. */
  #group(): void {
    if (this.#syncingSince !== null || !this.#flush()) return;
    const current = this.#segment;
    const upTo = this.#appender.seq;
    if (!current || upTo === this.#synced) return;
    const epoch = this.#epoch;
    const sealed = this.#sealed;
    this.#sealed = [];
    this.#syncingSince = this.#options.monotonic();
    this.#syncEach([...sealed, current], (error) => {
      this.#syncingSince = null;
      this.#shut([...sealed, ...this.#doomed.splice(0)]);
      if (epoch === this.#epoch) {
        if (error) this.#fail(error);
        else this.#settle(upTo);
      }
      if (this.#waiting > 0) this.#group();
    });
  }

  #syncEach(segments: readonly OpenSegment[], done: (error: Error | null) => void): void {
    const [first, ...rest] = segments;
    if (!first) return done(null);
    this.#options.files.datasync(first.file, (error) => {
      if (error) done(error);
      else this.#syncEach(rest, done);
    });
  }

  #settle(upTo: number): void {
    this.#synced = upTo;
    const end = this.#unsynced.findIndex((entry) => entry.seq > upTo);
    const settled = this.#unsynced.splice(0, end < 0 ? this.#unsynced.length : end);
    this.#waiting -= settled.length;
    this.#groupSize = settled.length;
    for (const entry of settled) entry.settle?.(null, true);
  }

  /** Goes on in a new segment; the old one is synced and closed with the next group. */
  #rotate(full: OpenSegment): void {
    if (this.#opening || full.bytes < this.#options.segmentBytes) return;
    this.#openSegment([], (error) => {
      if (error) this.#lastError = error;
      else this.#sealed.push(full);
    });
  }

  /** Takes no more records: who waits is refused, what has happened is kept for later. */
  #fail(reason: unknown): void {
    const error = asError(reason);
    const segment = this.#segment;
    if (!segment) return;
    this.#lastError = error;
    this.#fault = { segment: segment.name, bytes: segment.bytes, error, dropped: 0 };
    this.#epoch++;
    this.#shutAll();
    this.#truncate(segment);
    const lost = [...this.#unsynced, ...this.#pending].filter((entry) => entry.settle !== null);
    this.#pending = this.#pending.filter((entry) => entry.kept).map(unsettled);
    this.#unsynced = [];
    this.#waiting = 0;
    for (const entry of lost) entry.settle?.(this.#unavailable(), entry.seq > 0);
  }

  #resume(fault: LogFault): void {
    if (this.#opening) return;
    this.#openSegment([this.#options.faultRecord(fault)], (error) => {
      this.#lastError = error ?? this.#lastError;
      if (error) return;
      this.#fault = null;
      this.#flush();
    });
  }

  #openSegment(records: readonly RecordBody[], done: (error: Error | null) => void): void {
    const { files, directory, writer } = this.#options;
    const number = this.#next++;
    const name = segmentName(writer, number);
    const epoch = this.#epoch;
    const mark = records.length > 0 ? this.#appender.mark() : null;
    const fill = (segment: OpenSegment) => this.#appender.append(segment, records);
    this.#opening = true;
    openSegment(files, { name, path: join(directory, name) }, fill, (error, opened) => {
      this.#opening = false;
      if (opened && epoch === this.#epoch && !this.#closed) {
        this.#segment = opened;
        return done(null);
      }
      if (opened) discardSegment(files, opened);
      if (mark) this.#appender.rewind(mark);
      if (!isFileError(error, 'EEXIST')) this.#next = number;
      done(error ?? new Error('the log failed or closed meanwhile'));
    });
  }

  /** What a broken write left behind is cut off where that is possible; readers stop there anyway,
   * as the `fault` record tells how much of the segment counts. */
  #truncate(segment: OpenSegment): void {
    try {
      this.#options.files.truncate(segment.path, segment.bytes);
    } catch {
      // The disk is failing already.
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

  #keep(body: RecordBody): void {
    if (this.#segment || this.#pending.length < keptAtMost) {
      this.#pending.push({ body, kept: true, settle: null, seq: 0 });
    } else if (this.#fault) this.#fault.dropped++;
  }

  #unavailable(): Refusal {
    const why = this.#fault?.error.message ?? 'it is closed';
    return new Refusal('audit-unavailable', `the audit log cannot be written: ${why}`);
  }
}

function bodyOf(entry: Entry): RecordBody {
  return entry.body;
}

function unsettled(entry: Entry): Entry {
  return { ...entry, settle: null, seq: 0 };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
