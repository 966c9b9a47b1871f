import type { Counts } from '../../limits/counts.ts';
import type { Neighbours } from '../../proxy/shared-names.ts';
import { Refusal } from '../../refusal.ts';
import {
  type Crew,
  type FromParent,
  type FromWorker,
  fromParent,
  type Question,
  type Said,
  type WorkersBound,
} from './message.ts';

/** The way to the parent: what it says comes as it was written. */
export interface Channel {
  say(message: FromWorker): void;
  hear(listener: (message: unknown) => void): void;
  /** Called once, when the parent is no more. */
  closed(listener: () => void): void;
}

/** What one worker of several knows of the others, and shares with them. */
export interface Siblings {
  /** `w2`: its writer in the audit directory too. */
  readonly id: string;
  readonly crew: Crew;
  /** What vectorgate.yaml said when the gateway started. */
  readonly configuration: string;
  /** Where the gateway listens already; null: this worker is the first. */
  readonly bound: WorkersBound | null;
  /** How its forerunner ended; null: it had none. */
  readonly died: string | null;
  readonly neighbours: Neighbours;
  /** What the limits of one upstream are counted with. */
  counts(upstream: string): Counts;
  /** Asks the other workers; gives what those answered that did in time. */
  ask(question: Question): Promise<readonly unknown[]>;
  /** Says how the others' questions are answered. */
  answers(answer: (question: Question) => Promise<unknown>): void;
  /** Resolves when the others know of this worker, and tell it everything from now on. */
  join(): Promise<void>;
  /** Whether the admin and health ports are this worker's from the start. */
  readonly leads: boolean;
  serving(bound: WorkersBound): void;
  standing(ready: boolean): void;
  /** Has the whole gateway end. */
  drain(): void;
  /** Hears when the admin and health ports become this worker's, after another's. */
  onLead(listener: () => void): void;
  onReload(listener: () => void): void;
  /** Hears that it is to end, and why. */
  onStop(listener: (reason: string) => void): void;
}

/** Opens the line of a worker. Resolves with the first thing that the parent says; rejects where
 * that is something else than a beginning. */
export function openLine(channel: Channel): Promise<Siblings> {
  return new Promise((resolve, reject) => {
    let heard: ((message: FromParent) => void) | null = null;
    let lost = () => reject(new Error('the parent of this worker is no more'));
    channel.closed(() => lost());
    channel.hear((written) => {
      const message = fromParent.parse(written);
      if (heard) return heard(message);
      if (message.kind !== 'begin') return reject(new Error(`a line begins with ${message.kind}`));
      const line = new Line(channel, message);
      heard = (next) => line.hear(next);
      lost = () => line.lost();
      resolve(line);
    });
  });
}

interface Pending {
  resolve(answer: FromParent): void;
  reject(error: Error): void;
}

class Line implements Siblings {
  readonly id: string;
  readonly configuration: string;
  readonly bound: WorkersBound | null;
  readonly died: string | null;
  readonly leads: boolean;
  readonly neighbours: Neighbours;
  crew: Crew;
  readonly #channel: Channel;
  readonly #pending = new Map<number, Pending>();
  readonly #topics = new Map<string, (message: string) => void>();
  #calls = 0;
  #answer: ((question: Question) => Promise<unknown>) | null = null;
  readonly #lead = Promise.withResolvers<void>();
  readonly #stop = Promise.withResolvers<string>();
  #reload: () => void = () => undefined;

  constructor(channel: Channel, begin: Said<'begin'>) {
    this.#channel = channel;
    this.id = begin.id;
    this.configuration = begin.configuration;
    this.bound = begin.bound;
    this.died = begin.died;
    this.leads = begin.leads;
    this.crew = begin.crew;
    this.neighbours = this.#neighbours();
  }

  counts(upstream: string): Counts {
    const line = this;
    return {
      get sharers() {
        return line.crew.count;
      },
      take: async (asks) => {
        const wanted = asks.map(({ quota, ...ask }) => ({ ...ask, quota: counted(quota) }));
        const call = this.#nextCall();
        const word = { kind: 'take', call, upstream, asks: wanted } as const;
        return ((await this.#called(call, word)) as Said<'granted'>).grants;
      },
      giveBack: (quota, units) =>
        this.#channel.say({ kind: 'giveBack', upstream, quota: counted(quota), units }),
    };
  }

  async ask(question: Question): Promise<readonly unknown[]> {
    const call = this.#nextCall();
    const answered = await this.#called(call, { kind: 'ask', call, question });
    return (answered as Said<'answered'>).answers;
  }

  answers(answer: (question: Question) => Promise<unknown>): void {
    this.#answer = answer;
  }

  async join(): Promise<void> {
    const call = this.#nextCall();
    await this.#called(call, { kind: 'join', call });
  }

  serving(bound: WorkersBound): void {
    this.#channel.say({ kind: 'serving', bound });
  }

  standing(ready: boolean): void {
    this.#channel.say({ kind: 'standing', ready });
  }

  drain(): void {
    this.#channel.say({ kind: 'drain' });
  }

  onLead(listener: () => void): void {
    void this.#lead.promise.then(listener);
  }

  onReload(listener: () => void): void {
    this.#reload = listener;
  }

  onStop(listener: (reason: string) => void): void {
    void this.#stop.promise.then(listener);
  }

  hear(message: FromParent): void {
    const { kind } = message;
    if (kind === 'told') this.#topics.get(message.topic)?.(message.message);
    else if (kind === 'crew') this.crew = message.crew;
    else if (kind === 'lead') this.#lead.resolve();
    else if (kind === 'reload') this.#reload();
    else if (kind === 'stop') this.#stop.resolve('stop');
    else if (kind === 'asked') void this.#answerTo(message);
    else if (kind !== 'begin') this.#settle(message.call, message);
  }

  lost(): void {
    for (const { reject } of this.#pending.values()) reject(orphaned());
    this.#pending.clear();
    this.#stop.resolve('the parent is no more');
  }

  #settle(call: number, message: FromParent): void {
    this.#pending.get(call)?.resolve(message);
    this.#pending.delete(call);
  }

  #nextCall(): number {
    return ++this.#calls;
  }

  #called(call: number, message: FromWorker): Promise<FromParent> {
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject });
      this.#channel.say(message);
    });
  }

  async #answerTo({ call, question }: Said<'asked'>): Promise<void> {
    const answer = await this.#answer?.(question).catch(() => null);
    this.#channel.say({ kind: 'answer', call, answer: answer ?? null });
  }

  #neighbours(): Neighbours {
    const line = this;
    return {
      id: line.id,
      get present() {
        return line.crew.workers.map(({ id }) => id);
      },
      claim: async (topic, change, lasts) => {
        const call = line.#nextCall();
        const claimed = await line.#called(call, { kind: 'claim', call, topic, change, lasts });
        return (claimed as Said<'claimed'>).present;
      },
      release: async (topic, change) => line.#channel.say({ kind: 'release', topic, change }),
      tell: async (topic, message) => line.#channel.say({ kind: 'tell', topic, message }),
      hear: (topic, listener) => void line.#topics.set(topic, listener),
    };
  }
}

type Quota = Parameters<Counts['giveBack']>[0];

/** Places are never asked for: they are each process's own. */
function counted({ key, name, scope, measure, units, period, burst }: Quota) {
  if (measure === 'concurrent') throw new TypeError('a place is no unit');
  return { key, name, scope, measure, units, period, burst };
}

function orphaned(): Refusal {
  return new Refusal('overloaded', 'the parent of this worker is no more', { retryAfter: 1 });
}
