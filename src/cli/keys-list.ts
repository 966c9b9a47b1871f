import type { KeyEntry } from '../identity/keys/entry.ts';
import type { LastUse } from '../identity/keys/last-use.ts';
import { isoTime, keyRow } from '../identity/keys/row.ts';
import { keyPlaceOptions, withKeys } from './key-place.ts';
import type { Verb } from './verb.ts';

const day = 86_400_000;
const advisedDays = 90;

/** Lists the keys of a key file, or of a store. */
export const verb: Verb = {
  name: 'keys list',
  summary: 'List the API keys of the key file, or of the store',
  usage: 'keys list [--keys keys.yaml | --config vectorgate.yaml]',
  options: keyPlaceOptions,
  run: async ({ values, json, print, complain }) => {
    const { name, entries, used } = await withKeys({ values }, false, async (store) => ({
      name: store.name,
      entries: await store.entries(),
      used: await store.lastUse(),
    }));
    const now = Date.now();
    const rows = entries.map((entry) => listed(entry, used, now));
    if (json) print(JSON.stringify(rows));
    else if (entries.length === 0)
      complain(`${name} holds no key; make one: vectorgate keys create`);
    else for (const line of table(entries, rows, now)) print(line);
    return 0;
  },
};

/** When a key was last used the gateway writes beside the file, each minute and when it stops. */
function listed(entry: KeyEntry, used: LastUse, now: number) {
  return {
    ...keyRow(entry),
    lastUsedAt: isoTime(used.get(entry.id) ?? null),
    ageDays: entry.created === null ? null : Math.floor((now - entry.created) / day),
    revokedAt: isoTime(entry.revoked),
  };
}

type Row = ReturnType<typeof listed>;

function table(entries: readonly KeyEntry[], listed: readonly Row[], now: number): string[] {
  const head = ['ID', 'NAME', 'ROLES', 'AGE', 'STATE', 'LAST USED'];
  const rows = entries.map((entry, at) => {
    const { ageDays = null, lastUsedAt } = listed[at] ?? {};
    const state = stateOf(entry, now);
    return [entry.id, entry.name, entry.roles.join(' '), ageOf(ageDays), state, lastUsedAt ?? '-'];
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

function stateOf(entry: KeyEntry, now: number): string {
  if (entry.revoked !== null && entry.revoked <= now) return `revoked ${isoTime(entry.revoked)}`;
  if (entry.expires === null) return 'in force';
  return `${entry.expires <= now ? 'expired' : 'until'} ${isoTime(entry.expires)}`;
}
