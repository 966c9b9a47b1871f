import { randomUUID } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { type Beat, beat, beatMessage, type Places } from './beat.ts';
import type { StoreConfig } from './config.ts';
import { type Connection, connectStore } from './connection.ts';
import { makeScript, runScript, type Script } from './script.ts';

/** How the store is: `up`; `lost`: it does not answer; `emptied`: it is not the one it was. */
export type StoreState = 'up' | 'lost' | 'emptied';

/** How the store does, for readiness, status and metrics. */
export interface StoreStatus {
  readonly state: StoreState;
  /** Milliseconds since it was last seen as it was. */
  readonly unseenFor: number;
  /** Whether everything is served: it is up, or what is known of it is not stale. */
  readonly serving: boolean;
  /** How many gateways share it. */
  readonly gateways: number;
  readonly lastError: string | null;
}

/** What several gateways share. */
export interface Store {
  readonly status: StoreStatus;
  /** The id of this gateway, and of all that were seen last, this one among them. */
  readonly id: string;
  readonly gateways: readonly string[];
  /** Which life of the store is in force. */
  readonly generation: string;
  /** When it last was not there as it was, as far as this gateway looked; on the clock it was
   * opened with. */
  readonly failedAt: number;
  /** Whether a script sees one slot only. */
  readonly cluster: boolean;
  /** Where something stands; all of these in one slot of a cluster. */
  place(name: string): string;
  /** The same, each in a slot of its own. */
  spread(name: string): string;
  /** Runs a script in Lua, whole, one of a few that are kept. Rejects where the store does not
   * answer. */
  run(
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown>;
  /** Tells every gateway, this one too. Rejects where the store does not answer. */
  tell(topic: string, message: string): Promise<void>;
  /** Hears what any gateway tells under a topic. */
  hear(topic: string, listener: (message: string) => void): void;
  /** Hears that what is shared may have changed: it is to be read anew. A listener that rejects is
   * told again with the next beat. */
  onChange(listener: () => Promise<void>): void;
  /** Throws `Refusal` store-unavailable where what is known of the store is stale and operations of
   * this class are refused then. */
  admit(changes: boolean): void;
  /** Takes the store as it is now for the right one. Rejects where it is empty or does not
   * answer. */
  adopt(): Promise<void>;
  close(): Promise<void>;
}

/** What a store is opened with. */
export interface StoreMeans {
  readonly config: StoreConfig;
  /** Whether an empty store may be begun: nothing but counts stands in it. */
  readonly begin: boolean;
  /** Hears of each change of its state. */
  readonly noticed: (state: StoreState, reason: string | null) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

const beatEvery = 500;
/** How long the store may be unseen before it counts as lost. */
const lostAfter = 1500;
/** How long a subscription may hear nothing while the store answers. */
const deafAfter = 3000;
const startPatience = 5000;
/** No version of any store. */
const unread = '';

/** Opens the store. Rejects with an `Error` for people where it does not answer, or is empty. */
export async function openStore(means: StoreMeans): Promise<Store> {
  const connection = connectStore(means.config);
  const ears = connectStore(means.config);
  const store = new SharedStore(means, connection, ears);
  try {
    await store.start();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Names the life of a store that has none yet; gives the name in force. Rejects where it does not
 * answer. */
export async function beginStore(connection: Connection, { prefix }: StoreConfig): Promise<string> {
  const { generation } = placesOf(prefix);
  await connection.set(generation, randomUUID(), 'NX');
  return (await connection.get(generation)) ?? '';
}

/** Where everything stands in a store. */
export function placesOf(prefix: string): Places & { readonly place: (name: string) => string } {
  const place = (name: string) => `{${prefix}}:${name}`;
  return {
    place,
    generation: place('generation'),
    version: place('version'),
    gateways: place('gateways'),
    channel: `${prefix}:events`,
  };
}

class SharedStore implements Store {
  readonly id = randomUUID();
  readonly #means: StoreMeans;
  readonly #connection: Connection;
  readonly #ears: Connection;
  readonly #places: ReturnType<typeof placesOf>;
  readonly #changed: (() => Promise<void>)[] = [];
  readonly #topics = new Map<string, ((message: string) => void)[]>();
  readonly #scripts = new Map<string, Script>();
  #timer: NodeJS.Timeout | null = null;
  #beating = false;
  #closed = false;
  #state: StoreState = 'up';
  #generation = '';
  #version = unread;
  #gateways: readonly string[] = [];
  #seenAt = 0;
  #heardAt = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #lastError: string | null = null;
  /** Why the connection does not come about, as the store or the system says: a command is only
   * told that there is none. */
  #unconnected: string | null = null;

  constructor(means: StoreMeans, connection: Connection, ears: Connection) {
    this.#means = means;
    this.#connection = connection;
    this.#ears = ears;
    this.#places = placesOf(means.config.prefix);
    const ready = () => {
      this.#unconnected = null;
    };
    const error = ({ message }: Error) => {
      this.#unconnected = message;
    };
    connection.on('ready', ready).on('error', error);
  }

  get status(): StoreStatus {
    return {
      state: this.#state,
      unseenFor: Math.round(this.#means.now() - this.#seenAt),
      serving: !this.#isStale(),
      gateways: this.#gateways.length,
      lastError: this.#lastError,
    };
  }

  get cluster(): boolean {
    return this.#means.config.cluster;
  }

  get gateways(): readonly string[] {
    return this.#gateways;
  }

  get failedAt(): number {
    return this.#failedAt;
  }

  get generation(): string {
    return this.#generation;
  }

  /** Waits for the store, and begins to watch over it. */
  async start(): Promise<void> {
    const until = this.#means.now() + startPatience;
    let found: Beat | null = null;
    while (!found) {
      found = await this.#look(null).catch(() => null);
      if (found || this.#means.now() >= until) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (!found) throw new Error(`the store cannot be reached: ${this.#lastError}`);
    const generation =
      found.generation ??
      (this.#means.begin ? await beginStore(this.#connection, this.#means.config) : null);
    if (generation === null) throw new Error(emptyAtStart);
    this.#take(await this.#look(generation));
    this.#listen();
    this.#timer = setInterval(() => void this.#beat(), beatEvery).unref();
  }

  place(name: string): string {
    return this.#places.place(name);
  }

  spread(name: string): string {
    return `${this.#means.config.prefix}:${name}`;
  }

  run(
    text: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown> {
    let script = this.#scripts.get(text);
    if (!script) {
      script = makeScript(text);
      this.#scripts.set(text, script);
    }
    return runScript(this.#connection, script, keys, values);
  }

  async tell(topic: string, message: string): Promise<void> {
    await this.#connection.publish(this.#places.channel, `${topic} ${message}`);
  }

  hear(topic: string, listener: (message: string) => void): void {
    const known = this.#topics.get(topic);
    if (known) known.push(listener);
    else this.#topics.set(topic, [listener]);
  }

  onChange(listener: () => Promise<void>): void {
    this.#changed.push(listener);
  }

  admit(changes: boolean): void {
    if (this.#state === 'up' || !this.#isStale()) return;
    if (this.#means.config.unavailable[changes ? 'write' : 'read'] === 'forward') return;
    const reason = `the shared store is ${this.#state}: ${this.#lastError ?? 'no reason is known'}`;
    throw new Refusal('store-unavailable', reason, { retryAfter: 5 });
  }

  async adopt(): Promise<void> {
    const { generation } = await this.#look(null);
    if (generation === null) throw new Error('the store is empty');
    this.#take(await this.#look(generation));
    this.#tellChange();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearInterval(this.#timer);
    const { gateways } = this.#places;
    if (this.#state === 'up') await this.#connection.zrem(gateways, this.id).catch(() => undefined);
    this.#connection.disconnect();
    this.#ears.disconnect();
  }

  #isStale(): boolean {
    return this.#state !== 'up' && this.#means.now() - this.#seenAt > this.#means.config.staleFor;
  }

  async #look(generation: string | null): Promise<Beat> {
    try {
      return await beat(this.#connection, this.#places, this.id, generation);
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      this.#lastError = this.#unconnected ?? told;
      throw error;
    }
  }

  /** Once in each interval, never twice at once. */
  async #beat(): Promise<void> {
    if (this.#beating || this.#closed) return;
    this.#beating = true;
    try {
      const found = await this.#look(this.#generation);
      if (found.generation !== this.#generation) this.#failedAt = this.#means.now();
      if (found.generation === this.#generation) this.#seen(found);
      else this.#become('emptied', found.generation === null ? 'it is empty' : 'it is another one');
    } catch {
      this.#failedAt = this.#means.now();
      const unseen = this.#means.now() - this.#seenAt;
      if (unseen > lostAfter && this.#state === 'up') this.#become('lost', this.#lastError);
    } finally {
      this.#beating = false;
    }
  }

  #seen(found: Beat): void {
    const changed = found.version !== this.#version || this.#state !== 'up';
    this.#take(found);
    if (changed) this.#tellChange();
    if (this.#means.now() - this.#heardAt > deafAfter) {
      this.#heardAt = this.#means.now();
      this.#ears.disconnect(true);
    }
  }

  #tellChange(): void {
    const notRead = () => {
      this.#version = unread;
    };
    for (const listener of this.#changed) listener().catch(notRead);
  }

  #take({ generation, version, gateways }: Beat): void {
    this.#generation = generation ?? '';
    this.#version = version;
    this.#gateways = gateways;
    this.#seenAt = this.#means.now();
    this.#lastError = null;
    this.#become('up', null);
  }

  #become(state: StoreState, reason: string | null): void {
    if (this.#closed || state === this.#state) return;
    this.#state = state;
    if (reason !== null) this.#lastError = reason;
    this.#means.noticed(state, reason);
  }

  /** What was told while nobody listened is read anew once somebody does. */
  #listen(): void {
    const { channel } = this.#places;
    this.#heardAt = this.#means.now();
    const subscribe = () =>
      this.#ears.subscribe(channel).then(
        () => void this.#beat(),
        () => undefined,
      );
    this.#ears.on('ready', subscribe);
    if (this.#ears.status === 'ready') void subscribe();
    this.#ears.on('message', (_channel: string, text: string) => {
      this.#heardAt = this.#means.now();
      const space = text.indexOf(' ');
      const message = text.slice(space + 1);
      // Whoever is new takes its share of every limit.
      if (text.startsWith(beatMessage) && !this.#gateways.includes(message)) void this.#beat();
      for (const listener of this.#topics.get(text.slice(0, space)) ?? []) listener(message);
    });
  }
}

const emptyAtStart =
  'the store is empty; make the first key: vectorgate keys create --config vectorgate.yaml, ' +
  'or bring back what was in it';
