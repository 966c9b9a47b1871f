import { userInfo } from 'node:os';
import type { MadeKey, RevokedKey } from '../admin/key-routes.ts';
import type { GatewayState } from '../admin/state.ts';
import { issueKey, succeedKey, takeKey } from '../identity/keys/issue.ts';
import type { KeyOrder } from '../identity/keys/mint.ts';
import { isoTime, type KeyRow, keyRow, type ListedKey, listedKey } from '../identity/keys/row.ts';
import type { KeyStore } from '../identity/keys/store.ts';
import { isWord } from '../identity/word.ts';
import type { Problem } from '../problem.ts';
import { adminOptions, adminPlace, runningDoor } from './admin-door.ts';
import { type AdminDoor, askAdmin, doorText } from './ask-admin.ts';
import { type KeyPlace, withKeys } from './key-place.ts';
import type { Verb, VerbInput } from './verb.ts';

/** Where commands have keys made and ended: a running gateway, or the key file when none runs. Each
 * rejects with an `Error` for people. Times in milliseconds since 1970. */
export interface KeyDesk {
  /** `keys.yaml`, or `the gateway at 127.0.0.1:9633`. */
  readonly name: string;
  list(): Promise<KeyList>;
  create(order: KeyOrder): Promise<MadeKey>;
  rotate(
    id: string,
    how: { readonly grace: number; readonly expires: number | null },
  ): Promise<MadeKey>;
  take(key: string, order: KeyOrder & { readonly weak: boolean }): Promise<KeyRow>;
  revoke(id: string): Promise<RevokedKey>;
}

/** Keys in a list. */
export interface KeyList {
  readonly rows: readonly ListedKey[];
  /** What could not be read of others, or of a newer version; empty: nothing. */
  readonly problems: readonly Problem[];
}

const usualFile = 'keys.yaml';

/** The options of every command that has to do with kept keys. */
export const keyDeskOptions = {
  keys: {
    type: 'string',
    help: 'change this key file, and ask no gateway (default: as configured, or keys.yaml)',
  },
  ...adminOptions,
} as const satisfies Verb['options'];

/** The key file that is named, else a running gateway, else where its configuration keeps keys. */
export async function keyDesk(values: VerbInput['values'], now: number): Promise<KeyDesk> {
  const named = values['keys'];
  if (typeof named === 'string') return storeDesk({ file: named }, now);
  const place = adminPlace(values);
  const door = await runningDoor(place);
  if (door) return gatewayDesk(door);
  if (place?.keyFile) return storeDesk({ file: place.keyFile }, now);
  return storeDesk(place?.config ? { config: place.config } : { file: usualFile }, now);
}

function storeDesk(place: KeyPlace, now: number): KeyDesk {
  const createdBy = userName();
  const make = <T>(use: (store: KeyStore) => Promise<T>) => withKeys(place, true, use);
  const visit = <T>(use: (store: KeyStore) => Promise<T>) => withKeys(place, false, use);
  return {
    name: 'file' in place ? place.file : `the store of ${place.config}`,
    list: () =>
      visit(async (store) => {
        const { entries, problem } = await store.read();
        const used = await store.lastUse();
        const rows = entries.map((entry) => listedKey(entry, used.get(entry.id) ?? null, now));
        return { rows, problems: problem?.problems ?? [] };
      }),
    create: async (order) => {
      const { key, entry } = await make((store) => issueKey(store, { ...order, createdBy }, now));
      return { ...keyRow(entry), key };
    },
    rotate: async (id, how) => {
      const { key, entry } = await visit((store) =>
        succeedKey(store, id, { ...how, createdBy }, now),
      );
      return { ...keyRow(entry), key };
    },
    take: async (key, order) =>
      keyRow(await make((store) => takeKey(store, key, { ...order, createdBy }, now))),
    revoke: async (id) => {
      const entry = await visit((store) => store.revoke(id, now, createdBy));
      return { ...listedKey(entry, null, now), everywhere: true };
    },
  };
}

/** Whom the machine knows as the user of this process: by name, else by number. */
function userName(): string {
  const number = `uid ${process.getuid?.() ?? 'unknown'}`;
  try {
    const { username } = userInfo();
    return isWord(username) ? username : number;
  } catch {
    return number;
  }
}

function gatewayDesk(door: AdminDoor): KeyDesk {
  const post = (target: string, body?: unknown) =>
    askAdmin(door, { method: 'POST', target, ...(body === undefined ? {} : { body }) });
  const at = (id: string) => `/keys/${encodeURIComponent(id)}`;
  return {
    name: `the gateway at ${doorText(door)}`,
    list: async () => {
      const rows = await askAdmin(door, { method: 'GET', target: '/keys' });
      const status = await askAdmin(door, { method: 'GET', target: '/status' });
      const { configuration } = status as Pick<GatewayState, 'configuration'>;
      const { failure } = configuration.find(({ part }) => part === 'keys') ?? {};
      return { rows: rows as readonly ListedKey[], problems: failure?.problems ?? [] };
    },
    create: async (order) => (await post('/keys', written(order))) as MadeKey,
    rotate: async (id, { grace, expires }) => {
      const body = { graceSeconds: Math.round(grace / 1000), expires: isoTime(expires) };
      return (await post(`${at(id)}/rotate`, body)) as MadeKey;
    },
    take: async (key, { weak, ...order }) =>
      (await post('/keys/import', { ...written(order), key, weak })) as KeyRow,
    revoke: async (id) => (await post(`${at(id)}/revoke`)) as RevokedKey,
  };
}

function written({ name, roles, upstream, expires, sources, labels }: KeyOrder) {
  return { name, roles, upstream, expires: isoTime(expires ?? null), sources, labels };
}
