import {
  type AdminDenial,
  type AdminOutcome,
  type AuditedAdministrator,
  type AuditedCall,
  adminRecords,
} from './admin-record.ts';
import type { Counted } from './counted.ts';
import type { Log } from './log.ts';
import { sourcePrefix } from './source-prefix.ts';

/** The audit log as the admin port sees it. */
export interface AdminAudit {
  /**
   * Records a call before it is carried out; a change waits until the record is on the disk. Gives
   * what records its end. Rejects with `Refusal` audit-unavailable where a change cannot be
   * recorded.
   */
  begin(
    call: AuditedCall,
    who: AuditedAdministrator,
  ): Promise<(outcome: AdminOutcome) => void> | ((outcome: AdminOutcome) => void);
  /** Records a refusal; those of nobody are counted, by network. */
  deny(call: AuditedCall, who: AuditedAdministrator | null, denial: AdminDenial): void;
}

const neverDone: AdminOutcome = { status: 503, durationMs: 0, bytes: { in: 0, out: 0 } };

/** Keeps the records of the admin port in the one log of this process. */
export function adminAudit(log: Log, counted: Counted, time: () => string): AdminAudit {
  const records = adminRecords(time);
  return {
    begin: (call, who) => {
      const end = (outcome: AdminOutcome) => log.defer(records.outcome(call, outcome));
      const body = records.intent(call, who);
      if (!call.changes) {
        log.defer(body);
        return end;
      }
      return new Promise((resolve, reject) => {
        log.commit(body, false, 'synced', (refusal, written) => {
          if (!refusal) return resolve(end);
          if (written) end(neverDone);
          reject(refusal);
        });
      });
    },
    deny: (call, who, denial) => {
      const alike = records.alike(call, who, denial, sourcePrefix(call.source.address));
      if (who && counted.single(alike)) log.defer(records.denial(call, who, denial));
      else counted.add(alike, denial.code);
    },
  };
}
