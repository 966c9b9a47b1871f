import type { Logger } from 'pino';
import type { AuditLog } from '../audit/audit.ts';
import type { SweepAlarm } from '../limits/sweep-alarms.ts';

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
