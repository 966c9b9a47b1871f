import type { KeyEntry } from '../identity/keys/entry.ts';
import type { Finding } from './finding.ts';

const day = 86_400_000;

/** When the server's certificate ends, told from thirty days before. */
export function certificateFindings(expires: number, now: number): readonly Finding[] {
  const days = Math.floor((expires - now) / day);
  if (days >= 30) return [];
  const at = new Date(expires).toISOString();
  const message = `the server's certificate ends in ${days} days, at ${at}`;
  const severity = days < 7 ? 'high' : 'medium';
  return [
    { id: 'certificate.ends', severity, message, remedy: 'Renew it; it is reloaded by itself' },
  ];
}

/** Keys in force that never end, and those that are long in use. */
export function keyFindings(keys: readonly KeyEntry[], now: number): readonly Finding[] {
  const live = keys.filter(({ revoked, expires }) => {
    return (revoked === null || revoked > now) && (expires === null || expires > now);
  });
  const endless = live.filter(({ expires }) => expires === null);
  const old = live.filter(({ created }) => created !== null && now - created > 90 * day);
  const findings: Finding[] = [];
  if (endless.length > 0) {
    const remedy = 'Make keys that end: vectorgate keys create --expires 90d';
    const message = `keys without an end: ${namesOf(endless)}`;
    findings.push({ id: 'key.endless', severity: 'medium', message, remedy });
  }
  if (old.length > 0) {
    const remedy = 'Replace them, and revoke what is replaced';
    const message = `keys older than 90 days: ${namesOf(old)}`;
    findings.push({ id: 'key.old', severity: 'medium', message, remedy });
  }
  return findings;
}

function namesOf(keys: readonly KeyEntry[]): string {
  const shown = keys.slice(0, 5).map(({ name, id }) => `${JSON.stringify(name)} (${id})`);
  const more = keys.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
