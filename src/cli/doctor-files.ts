import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, freeOn, spaceOf } from '../audit/space.ts';
import type { Config } from '../config/config.ts';
import type { KeyEntry } from '../identity/keys/entry.ts';
import type { Finding } from './finding.ts';

const day = 86_400_000;
const writableByOthers = 0o022;
const anyOther = 0o077;

/** What the modes of the files behind a configuration let others do. Secrets are refused at load. */
export function modeFindings(file: string, config: Config): readonly Finding[] {
  const policies = config.upstreams.flatMap(({ policies: folder }) => [
    folder,
    ...readdirSync(folder).map((name) => join(folder, name)),
  ]);
  const open = [file, ...new Set(policies)].filter((path) => hasMode(path, writableByOthers));
  const { directory } = config.audit;
  const readable = existsSync(directory) && hasMode(directory, anyOther) ? [directory] : [];
  return [
    ...open.map((path): Finding => {
      const message = `${path} can be written by other users, who could grant themselves anything`;
      return { id: 'file.writable', severity: 'high', message, remedy: `chmod go-w ${path}` };
    }),
    ...readable.map((path): Finding => {
      const message = `${path} is open to other users: it tells who did what`;
      return { id: 'file.audit-open', severity: 'medium', message, remedy: `chmod 700 ${path}` };
    }),
  ];
}

function hasMode(path: string, bits: number): boolean {
  return process.platform !== 'win32' && (statSync(path).mode & bits) !== 0;
}

/** When the server's certificate ends, told from thirty days before. */
export function certificateFindings(expires: number, now: number): readonly Finding[] {
  const days = Math.floor((expires - now) / day);
  if (days >= 30) return [];
  const message = `the server's certificate ends in ${days} days (${new Date(expires).toISOString()})`;
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

/** How full the room of the audit log is. */
export async function spaceFindings({ audit }: Config): Promise<readonly Finding[]> {
  const { directory, budget = null } = audit;
  if (!existsSync(directory)) return [];
  const [bytes, free] = await Promise.all([bytesOf(directory), freeOn(directory)]);
  const { level, limit } = spaceOf(bytes, budget, free);
  if (level === 'enough') return [];
  const percent = Math.floor((100 * bytes) / limit);
  const message = `the audit log takes ${percent} % of its room; from 95 % on operations are refused`;
  const severity = level === 'warning' ? 'medium' : 'high';
  const remedy = 'Set audit.retention, or give audit.directory a larger volume';
  return [{ id: 'audit.space', severity, message, remedy }];
}
