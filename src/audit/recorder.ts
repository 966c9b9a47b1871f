import type { Operation } from '../catalog/operation.ts';
import { Refusal } from '../refusal.ts';
import type { AuditConfig } from './config.ts';
import type { Counted } from './counted.ts';
import type { Unrecorded } from './event-record.ts';
import type { Log } from './log.ts';
import type { RecordBody, Records } from './record.ts';
import type { Audit, Audited, Denied, Outcome, Trail } from './trail.ts';

/** What every upstream's audit shares. */
export interface Recorder {
  readonly config: AuditConfig;
  readonly log: Log;
  readonly counted: Counted;
  readonly unrecorded: Unrecorded;
  /** The requests whose intents are in the log, and their ends are not. */
  readonly openRequests: Set<string>;
  /** Whether there is no room left for further operations; those under way still end. */
  readonly full: () => boolean;
}

/** The class of an operation: what `durability` and `unavailable` are configured by. */
type Class = keyof Unrecorded;

/** The audit of one upstream. */
export function auditOf(recorder: Recorder, records: Records): Audit {
  return {
    begin: (exchange, permit) => {
      const of = classOf(permit.intent.operation);
      if (recorder.full()) return unrecorded(recorder, of, noRoom());
      const body = records.intent(exchange, permit);
      const trail = new Recorded(recorder, records, exchange, of);
      recorder.openRequests.add(exchange.id);
      return committed(recorder, trail, body);
    },
    deny: (denied) => {
      const { counted, log, config } = recorder;
      const alike = records.alike(denied);
      const count = () => counted.add(alike, denied.refusal.code);
      if (!hasOwnRecord(denied) || recorder.full() || !counted.single(alike)) {
        return count();
      }
      const body = records.denial(denied);
      const of = classOf(denied.operation);
      return new Promise((resolve) => {
        log.commit(body, false, config.durability[of], (refusal, written) => {
          if (refusal && !written) count();
          resolve();
        });
      });
    },
  };
}

function classOf(operation: Operation | null): Class {
  return operation?.changes ? 'write' : 'read';
}

/** Nobody's failures and the refusals of limits are only ever counted, so that no flood of them can
 * buy the disk; save what an operator is to hear of, which comes once for each budget and
 * period. */
function hasOwnRecord({ identity, refusal }: Denied): boolean {
  if (identity === null || refusal.code === 'overloaded') return false;
  return refusal.code !== 'over-limit' || refusal.alert !== undefined;
}

function committed(recorder: Recorder, trail: Recorded, body: RecordBody): Promise<Trail> {
  const { config, log } = recorder;
  return new Promise((resolve, reject) => {
    log.commit(body, false, config.durability[trail.of], (refusal, written) => {
      if (!refusal) return resolve(trail);
      if (written && config.unavailable[trail.of] === 'forward') return resolve(trail);
      trail.neverForwarded(written);
      try {
        resolve(unrecorded(recorder, trail.of, refusal));
      } catch (refused) {
        reject(refused);
      }
    });
  });
}

/** Lets an operation pass without a record where the configuration says so; throws else. */
function unrecorded(recorder: Recorder, of: Class, refusal: unknown): Trail {
  if (recorder.config.unavailable[of] !== 'forward') throw refusal;
  recorder.unrecorded[of]++;
  return silent;
}

function noRoom(): Refusal {
  return new Refusal('audit-unavailable', 'the room of the audit log is used up, but for 5 %');
}

const silent: Trail = { attempt: () => {}, end: () => {} };

/** The trail of an exchange whose intent is in the log. */
class Recorded implements Trail {
  readonly of: Class;
  readonly #recorder: Recorder;
  readonly #records: Records;
  readonly #exchange: Audited;
  #ended = false;

  constructor(recorder: Recorder, records: Records, exchange: Audited, of: Class) {
    this.of = of;
    this.#recorder = recorder;
    this.#records = records;
    this.#exchange = exchange;
  }

  attempt(number: number): Promise<void> {
    return this.#put(this.#records.attempt(this.#exchange, number), false);
  }

  /** What was read is told already; only a change must wait for its record. */
  end(outcome: Outcome): void | Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#recorder.openRequests.delete(this.#exchange.id);
    const body = this.#records.outcome(this.#exchange, outcome);
    if (this.of === 'read') return this.#recorder.log.defer(body);
    return this.#put(body, true);
  }

  /** Ends an intent that is in the log, where it is, but not as durably as forwarding asks. */
  neverForwarded(written: boolean): void {
    this.#ended = true;
    this.#recorder.openRequests.delete(this.#exchange.id);
    if (written) this.#recorder.log.defer(this.#records.outcome(this.#exchange, neverSent));
  }

  #put(body: RecordBody, kept: boolean): Promise<void> {
    const { log, config } = this.#recorder;
    const mayFail = config.unavailable[this.of] === 'forward';
    return new Promise((resolve, reject) => {
      log.commit(body, kept, config.durability[this.of], (refusal) => {
        if (refusal && !mayFail) reject(refusal);
        else resolve();
      });
    });
  }
}

const neverSent: Outcome = {
  status: null,
  durationMs: 0,
  points: { in: 0, out: 0 },
  bytes: { in: 0, out: 0 },
  attempts: 0,
  failure: 'audit-unavailable' satisfies Refusal['code'],
};
