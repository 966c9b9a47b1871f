import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, freeOn, spaceOf } from '../audit/space.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from './finding.ts';

const writableByOthers = 0o022;
const anyOther = 0o077;

/** What the modes of a configuration's files let others do; secrets are refused at load. */
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

/** Whether anybody could tell that the audit log was written anew. */
export function sealFindings({
  audit: { checkpoints },
}: Pick<Config, 'audit'>): readonly Finding[] {
  const found = (id: string, message: string, remedy: string): Finding[] => [
    { id, severity: 'medium', message, remedy },
  ];
  if (!checkpoints) {
    const message = 'nobody signs the audit log: who can write its directory can write another';
    return found('audit.unsigned', message, 'Configure audit.checkpoints with a key and a copy');
  }
  if (checkpoints.copy !== undefined) return [];
  const message = 'checkpoints of the audit log are kept beside it alone, and go where it goes';
  return found('audit.uncopied', message, 'Set audit.checkpoints.copy, out of reach of this host');
}

/** How full the room of the audit log is. */
export async function spaceFindings({ audit }: Config): Promise<readonly Finding[]> {
  const { directory, budget = null } = audit;
  if (!existsSync(directory)) return [];
  const [bytes, free] = await Promise.all([bytesOf(directory), freeOn(directory)]);
  const { level, limit } = spaceOf(bytes, budget, free);
  if (level === 'enough') return [];
  const percent = Math.floor((100 * bytes) / limit);
  const message = `the audit log takes ${percent} % of its room; at 95 % it takes no more`;
  const severity = level === 'warning' ? 'medium' : 'high';
  const remedy = 'Set audit.retention, or give audit.directory a larger volume';
  return [{ id: 'audit.space', severity, message, remedy }];
}
