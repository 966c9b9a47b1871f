import type { ListedKey } from '../identity/keys/row.ts';
import { problemLine } from '../problem.ts';
import { keyDesk, keyDeskOptions } from './key-desk.ts';
import type { Verb } from './verb.ts';

const advisedDays = 90;

/** Lists the keys of a running gateway, or of a key file. */
export const verb: Verb = {
  name: 'keys list',
  summary: 'List the API keys of a running gateway, or of the key file',
  usage: 'keys list [--keys keys.yaml]',
  options: keyDeskOptions,
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const desk = await keyDesk(values, now);
    const { rows, problems } = await desk.list();
    if (json) print(JSON.stringify(rows.map(shown)));
    else if (rows.length + problems.length === 0)
      complain(`${desk.name} holds no key; make one: vectorgate keys create`);
    else for (const line of table(rows, now)) print(line);
    for (const problem of problems) complain(problemLine(problem));
    return problems.length > 0 ? 1 : 0;
  },
};

function shown({ upstream: _, labels: __, ...row }: ListedKey) {
  return row;
}

function table(listed: readonly ListedKey[], now: number): string[] {
  const head = ['ID', 'NAME', 'ROLES', 'AGE', 'STATE', 'LAST USED'];
  const rows = listed.map((row) => {
    const { id, name, roles, ageDays, lastUsedAt } = row;
    return [id, name, roles.join(' '), ageOf(ageDays), stateOf(row, now), lastUsedAt ?? '-'];
  });
  const widths = head.map((_, at) =>
    rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), head[at]?.length ?? 0),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `120d (30 over)`: a key older than 90 days is due to be rotated. */
function ageOf(days: number | null): string {
  if (days === null) return '-';
  return days > advisedDays ? `${days}d (${days - advisedDays} over)` : `${days}d`;
}

function stateOf({ revokedAt, expiresAt }: ListedKey, now: number): string {
  if (revokedAt !== null && Date.parse(revokedAt) <= now) return `revoked ${revokedAt}`;
  if (expiresAt === null) return 'in force';
  return `${Date.parse(expiresAt) <= now ? 'expired' : 'until'} ${expiresAt}`;
}
