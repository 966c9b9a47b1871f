import { randomUUID } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { NameChange, NameKeeper } from './upstream.ts';

/** What names are shared with. */
export interface NameShareOptions {
  readonly names: NameKeeper;
  /** The database they are of, under the name that all gateways give it. */
  readonly upstream: string;
  readonly store: Store;
  /** How long a change may wait for the other gateways, in milliseconds. */
  readonly patience: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Names whose changes all gateways wait for. */
export interface SharedNames extends NameKeeper {
  close(): void;
}

/** What gateways tell each other of a change. */
interface Word {
  readonly kind: 'begin' | 'ready' | 'end';
  readonly change: string;
  readonly from: string;
  readonly names: readonly string[];
}

/** A change of ours: who has yet to say that it may go on. */
interface Own {
  readonly names: readonly string[];
  readonly missing: Set<string>;
  ready(): void;
}

/** A change of another gateway's. */
interface Foreign {
  readonly change: NameChange;
  heard: number;
}

const lockFor = 15_000;
const tellEvery = 1000;
/** A change that nobody tells of any more has ended with the gateway that made it. */
const endedAfter = 6000;

/** Takes the place of the one who may change names now; gives who is there, or nothing. */
const lockScript = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return {} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('ZRANGE', KEYS[2], 0, -1)
`;

const unlockScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

/**
 * Lets every gateway hold the requests that give a name which one of them is about to change. The
 * change is sent once each other gateway has said that it does, and that nothing of its own is under
 * way by a name that means nothing yet; afterwards each reads the table anew. One change at a time.
 */
export function shareNames(options: NameShareOptions): SharedNames {
  const { names, upstream, store, patience, now } = options;
  const topic = `names/${upstream}`;
  const places = [store.place(`renaming:${upstream}`), store.place('gateways')];
  const own = new Map<string, Own>();
  const foreign = new Map<string, Foreign>();

  function tell(kind: Word['kind'], change: string, of: readonly string[] = []): Promise<void> {
    return store.tell(topic, JSON.stringify({ kind, change, from: store.id, names: of }));
  }

  function begun({ change: id, names: of }: Word): void {
    const known = foreign.get(id);
    if (known) {
      known.heard = now();
      return;
    }
    const change = names.changing(of);
    foreign.set(id, { change, heard: now() });
    const ready = () => tell('ready', id).catch(() => undefined);
    if (change.ready) change.ready.then(ready, () => undefined);
    else void ready();
  }

  function ended(id: string): void {
    foreign.get(id)?.change.done();
    foreign.delete(id);
  }

  store.hear(topic, (message) => {
    const word = JSON.parse(message) as Word;
    if (word.from === store.id) return;
    if (word.kind === 'begin') begun(word);
    else if (word.kind === 'end') ended(word.change);
    else settle(own.get(word.change), word.from);
  });

  /** Tells of our changes again, forgets those of gateways that are gone. */
  const timer = setInterval(() => {
    for (const [id, { names: of, missing, ready }] of own) {
      tell('begin', id, of).catch(() => undefined);
      store.run(lockScript, places, [id, lockFor]).catch(() => undefined);
      for (const gateway of missing) if (!store.gateways.includes(gateway)) missing.delete(gateway);
      if (missing.size === 0) ready();
    }
    for (const [id, { heard }] of foreign) if (now() - heard > endedAfter) ended(id);
  }, tellEvery).unref();

  /** Resolves once no other gateway stands in the way. */
  async function announce(id: string, of: readonly string[]): Promise<void> {
    if (store.status.state !== 'up') throw lost(store.status.lastError);
    let there: readonly string[];
    try {
      there = (await store.run(lockScript, places, [id, lockFor])) as string[];
    } catch (error) {
      throw lost(error instanceof Error ? error.message : String(error));
    }
    if (there.length === 0) throw taken();
    const missing = new Set(there.filter((gateway) => gateway !== store.id));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const patient = setTimeout(() => reject(unheard(missing.size)), patience);
    own.set(id, { names: of, missing, ready: resolve });
    if (missing.size === 0) resolve();
    try {
      await tell('begin', id, of).catch((error) => reject(lost(String(error))));
      await promise;
    } finally {
      clearTimeout(patient);
    }
  }

  function changing(of: readonly string[]): NameChange {
    const id = randomUUID();
    const here = names.changing(of);
    const announced = announce(id, of);
    const ready = here.ready
      ? Promise.all([here.ready, announced]).then(() => undefined)
      : announced;
    let over = false;
    return {
      ready,
      done() {
        if (over) return;
        over = true;
        here.done();
        // Whatever is still to be said of it is said before its end.
        announced
          .catch(() => undefined)
          .finally(() => {
            own.delete(id);
            tell('end', id).catch(() => undefined);
            store.run(unlockScript, places, [id]).catch(() => undefined);
          });
      },
    };
  }

  return {
    ...names,
    changing,
    close: () => {
      clearInterval(timer);
      for (const id of [...foreign.keys()]) ended(id);
    },
  };
}

function settle(change: Own | undefined, gateway: string): void {
  if (change?.missing.delete(gateway) && change.missing.size === 0) change.ready();
}

function lost(reason: string | null): Refusal {
  const what = `no other gateway can be told of this change of names: ${reason}`;
  return new Refusal('store-unavailable', what, { retryAfter: 5 });
}

function taken(): Refusal {
  const reason = 'another gateway is changing names of this database';
  return new Refusal('overloaded', reason, { retryAfter: 1 });
}

function unheard(missing: number): Refusal {
  const reason = `${missing} other gateways have not said that this change of names may go on`;
  return new Refusal('overloaded', reason, { retryAfter: 5 });
}
