import type { Logger } from 'pino';
import type { AuditLog } from '../audit/audit.ts';
import type { Noticed } from '../audit/upkeep.ts';
import type { FailureAlarm } from '../limits/failures.ts';
import type { SweepAlarm } from '../limits/sweep-alarms.ts';
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

/** What hears of sweeps. */
interface SweepEars {
  readonly log: Logger;
  readonly audit: Pick<AuditLog, 'swept'>;
  readonly metrics: { swept(upstream: string): void };
}

/** Tells the log, the audit log and the metrics that somebody sweeps through a collection. */
export function sweepsTo(upstream: string, { log, audit, metrics }: SweepEars) {
  return (alarm: SweepAlarm): void => {
    audit.swept(upstream, alarm);
    metrics.swept(upstream);
    const told = alarm.share === null ? 'a sweep would not be seen' : 'a sweep';
    log.warn({ upstream, ...alarm }, `${told} through a collection`);
  };
}
