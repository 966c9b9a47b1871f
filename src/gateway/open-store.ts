import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { AuditLog } from '../audit/audit.ts';
import type { Store, StoreState } from '../store/store.ts';
import type { Prepared } from './prepare.ts';
import type { ReloadablePart } from './reload.ts';

const events = { up: 'store.found', lost: 'store.lost', emptied: 'store.emptied' } as const;

/** Opens the store that the configuration names; null: it names none, which the log is told.
 * Rejects with an `Error` for people where it does not answer, or holds no keys where it should. */
export async function openShared(
  { config }: Prepared,
  log: Logger,
  audit: Pick<AuditLog, 'configured'>,
): Promise<Store | null> {
  if (!config.store) {
    log.info('no store is configured: limits and failures are counted by this gateway alone');
    return null;
  }
  let store: Store | null = null;
  const noticed = (state: StoreState, reason: string | null) => {
    const about = { state, reason };
    if (state === 'up') log.info(about, 'store found');
    else log.warn(about, 'store lost');
    const digest = digestOf(store?.generation ?? '');
    audit.configured({ event: events[state], upstream: null, digest });
  };
  // Who needs no store waits for no client of one.
  const { openStore } = await import('../store/store.ts');
  const begin = config.identity.keys.store === 'file';
  store = await openStore({ config: config.store, begin, noticed, now: () => performance.now() });
  return store;
}

/** A store that was emptied is taken for the right one by a reload alone: an operator's consent. */
export function storePart(store: Store): ReloadablePart {
  return {
    part: 'store',
    upstream: null,
    paths: [],
    event: 'store.changed',
    version: () => digestOf(store.generation),
    load: () => {
      if (store.status.state === 'emptied') store.adopt().catch(() => undefined);
    },
  };
}

function digestOf(generation: string): string {
  return `sha256:${createHash('sha256').update(generation).digest('hex')}`;
}
