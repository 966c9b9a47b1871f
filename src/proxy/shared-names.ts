import { randomUUID } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import type { NameChange, NameKeeper } from './upstream.ts';

/** Gateways before the same databases, this one among them, that can tell each other things. */
export interface Neighbours {
  /** The id of this one. */
  readonly id: string;
  /** The ids of all that were seen last. */
  readonly present: readonly string[];
  /** Takes the turn to change what a topic is about, or goes on with it, for so many milliseconds.
   * Gives who is there; nobody, where another has the turn. Rejects with an `Error` for people
   * where that cannot be found out. */
  claim(topic: string, change: string, milliseconds: number): Promise<readonly string[]>;
  /** Gives the turn to the next. Rejects where nobody hears it. */
  release(topic: string, change: string): Promise<unknown>;
  /** Tells all of them, this one perhaps too. Rejects where nobody hears it. */
  tell(topic: string, message: string): Promise<void>;
  hear(topic: string, listener: (message: string) => void): void;
}

/** What names are shared with. */
export interface NameShareOptions {
  readonly names: NameKeeper;
  /** The database they are of, under the name that all gateways give it. */
  readonly upstream: string;
  readonly neighbours: Neighbours;
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
/** One change at a time has the turn: more than these are not told by gateways. */
const mostForeign = 256;

/**
 * Lets every gateway hold the requests that give a name which one of them is about to change. The
 * change is sent once each other gateway has said that it does, and that nothing of its own is
 * under way by a name that means nothing yet; afterwards each reads the table anew. One change at a
 * time.
 */
export function shareNames(options: NameShareOptions): SharedNames {
  const { names, upstream, neighbours, patience, now } = options;
  const topic = `names/${upstream}`;
  const own = new Map<string, Own>();
  const foreign = new Map<string, Foreign>();

  function tell(kind: Word['kind'], change: string, of: readonly string[] = []): Promise<void> {
    const word: Word = { kind, change, from: neighbours.id, names: of };
    return neighbours.tell(topic, JSON.stringify(word));
  }

  function begun({ change: id, names: of }: Word): void {
    const known = foreign.get(id);
    if (known) {
      known.heard = now();
      return;
    }
    // Nobody says ready for it then, so that it does not go on.
    if (foreign.size >= mostForeign) return;
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

  neighbours.hear(topic, (message) => {
    const word = wordOf(message);
    if (!word || word.from === neighbours.id) return;
    if (word.kind === 'begin') begun(word);
    else if (word.kind === 'end') ended(word.change);
    else settle(own.get(word.change), word.from);
  });

  /** Tells of our changes again, forgets those of gateways that are gone. */
  const timer = setInterval(() => {
    for (const [id, { names: of, missing, ready }] of own) {
      tell('begin', id, of).catch(() => undefined);
      neighbours.claim(topic, id, lockFor).catch(() => undefined);
      for (const gateway of missing) {
        if (!neighbours.present.includes(gateway)) missing.delete(gateway);
      }
      if (missing.size === 0) ready();
    }
    for (const [id, { heard }] of foreign) if (now() - heard > endedAfter) ended(id);
  }, tellEvery).unref();

  /** Resolves once no other gateway stands in the way. */
  async function announce(id: string, of: readonly string[]): Promise<void> {
    let there: readonly string[];
    try {
      there = await neighbours.claim(topic, id, lockFor);
    } catch (error) {
      throw lost(error instanceof Error ? error.message : String(error));
    }
    if (there.length === 0) throw taken();
    const missing = new Set(there.filter((gateway) => gateway !== neighbours.id));
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
            neighbours.release(topic, id).catch(() => undefined);
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

const kinds: ReadonlySet<unknown> = new Set(['begin', 'ready', 'end']);

/** Whoever reaches the store may tell anything: null for what no gateway says. */
function wordOf(message: string): Word | null {
  let told: Partial<Record<keyof Word, unknown>> | null;
  try {
    told = JSON.parse(message);
  } catch {
    return null;
  }
  const { kind, change, from, names } = told ?? {};
  const isWord = kinds.has(kind) && typeof change === 'string' && typeof from === 'string';
  return isWord && Array.isArray(names) && names.every((name) => typeof name === 'string')
    ? (told as Word)
    : null;
}

function settle(change: Own | undefined, gateway: string): void {
  if (change?.missing.delete(gateway) && change.missing.size === 0) change.ready();
}

function lost(reason: string): Refusal {
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
