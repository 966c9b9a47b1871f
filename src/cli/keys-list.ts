import type { KeyEntry } from '../identity/keys/entry.ts';
import { readKeyFile } from '../identity/keys/file.ts';
import { isoTime, keyFileOption, keyRow } from './key-row.ts';
import type { Verb } from './verb.ts';

const day = 86_400_000;

/** Lists the keys of a key file. */
export const verb: Verb = {
  name: 'keys list',
  summary: 'List the API keys of the key file',
  usage: 'keys list [--keys keys.yaml]',
  options: keyFileOption,
  run: async ({ values, json, print, complain }) => {
    const path = String(values['keys'] ?? keyFileOption.keys.default);
    const entries = readKeyFile(path);
    const now = Date.now();
    if (json) print(JSON.stringify(entries.map((entry) => listed(entry, now))));
    else if (entries.length === 0)
      complain(`${path} holds no key; make one: vectorgate keys create`);
    else for (const line of table(entries, now)) print(line);
    return 0;
  },
};

/** When a key was last used is known to the gateway that let it in, not to the file. */
function listed(entry: KeyEntry, now: number) {
  return {
    ...keyRow(entry),
    lastUsedAt: null,
    ageDays: entry.created === null ? null : Math.floor((now - entry.created) / day),
    revokedAt: isoTime(entry.revoked),
  };
}

function table(entries: readonly KeyEntry[], now: number): string[] {
  const head = ['ID', 'NAME', 'ROLES', 'AGE', 'STATE'];
  const rows = entries.map((entry) => {
    const { ageDays } = listed(entry, now);
    const age = ageDays === null ? '-' : `${ageDays}d`;
    return [entry.id, entry.name, entry.roles.join(' '), age, stateOf(entry, now)];
  });
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function stateOf(entry: KeyEntry, now: number): string {
  if (entry.revoked !== null && entry.revoked <= now) return `revoked ${isoTime(entry.revoked)}`;
  if (entry.expires === null) return 'in force';
  return `${entry.expires <= now ? 'expired' : 'until'} ${isoTime(entry.expires)}`;
}
