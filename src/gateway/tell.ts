import type { Logger } from 'pino';
import type { AuditLog } from '../audit/audit.ts';
import type { Noticed } from '../audit/upkeep.ts';
import type { FailureAlarm } from '../limits/failures.ts';
import type { Passed } from '../proxy/upstream.ts';
import { Refusal } from '../refusal.ts';

/**
 * Writes to the log what an operator should hear of an exchange: refusals with their reason, faults
 * of ours with where they came from. What went well is in the audit log.
 */
export function tellOf(log: Logger, upstream: string): (passed: Passed) => void {
  return function tell({ exchange, operation, identity, refusal, status }) {
    if (refusal === null) return;
    const about = {
      request: exchange.id,
      upstream,
      protocol: exchange.protocol,
      operation: operation?.name ?? null,
      principal: identity?.id ?? null,
      source: exchange.peer.address,
      status,
      reason: refusal.message,
    };
    const code = refusal instanceof Refusal ? refusal.code : 'gateway-fault';
    const alert = refusal instanceof Refusal ? refusal.alert : undefined;
    if (alert === 'egress') log.warn({ ...about, code, alert }, 'a budget is used up');
    else if (alert === 'sweep')
      log.warn({ ...about, code, alert }, 'a sweep through a collection was stopped');
    else if (alert !== undefined) log.warn({ ...about, code, alert }, 'attack refused');
    else if (code === 'gateway-fault')
      log.error({ ...about, code, err: refusal.cause ?? refusal }, 'fault');
    else if (code === 'not-authenticated') log.debug({ ...about, code }, 'refused');
    else log.info({ ...about, code }, 'refused');
  };
}

/** Writes to the log what the parts of the gateway notice by themselves. */
export function noticesTo(log: Logger): Noticed {
  return (notice, wrong, detail) => (wrong ? log.warn(detail, notice) : log.info(detail, notice));
}

/** Tells the log and the audit log that somebody may be trying credentials. */
export function alarmTo(log: Logger, audit: Pick<AuditLog, 'alarmed'>) {
  return (alarm: FailureAlarm): void => {
    audit.alarmed(alarm);
    log.warn(alarm, 'many credentials that do not count');
  };
}
