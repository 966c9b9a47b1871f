import { type Counts, makeCounts } from '../../limits/counts.ts';
import type { Crew, FromParent, FromWorker } from './message.ts';

/** One worker, as its parent sees it. */
export interface WorkerEnd {
  /** `w2` */
  readonly id: string;
  readonly pid: number;
  say(message: FromParent): void;
}

/** What the workers of one gateway share, kept by their parent. */
export interface Hub {
  /** Takes what a worker says, where it is the hub's business. */
  hear(worker: WorkerEnd, message: FromWorker): void;
  /** A worker is no more: nobody waits for it, and what it had is the others'. */
  gone(worker: WorkerEnd): void;
  /** A worker was started in another's place. */
  restarted(): void;
  readonly crew: Crew;
}

/** What a hub is made with. */
export interface HubOptions {
  /** How many workers there should be. */
  readonly count: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** How long a question may take, in milliseconds. */
  readonly patience: number;
}

/** Who has the turn to change something. */
interface Turn {
  readonly change: string;
  readonly worker: WorkerEnd;
  until: number;
  /** What was told last of it: whoever joins meanwhile hears it too. */
  said: string | null;
}

/** A question that is out. */
interface Open {
  readonly missing: Set<WorkerEnd>;
  readonly answers: unknown[];
  end(): void;
}

/** How long a worker may keep units that it was granted, in milliseconds. */
const lasts = 60_000;

/** Makes the hub of a gateway. Its memory grows with the limits in use and with nothing else. */
export function makeHub({ count, now, patience }: HubOptions): Hub {
  const present = new Map<WorkerEnd, { ready: boolean }>();
  const counts = new Map<string, Counts>();
  const turns = new Map<string, Turn>();
  const open = new Map<number, Open>();
  let questions = 0;
  let restarts = 0;

  function crew(): Crew {
    const workers = [...present].map(([{ id, pid }, { ready }]) => ({ id, pid, ready }));
    return { count, workers, restarts };
  }

  function sayAll(message: FromParent, but: WorkerEnd | null = null): void {
    for (const worker of present.keys()) if (worker !== but) worker.say(message);
  }

  function countsOf(upstream: string): Counts {
    const own = counts.get(upstream) ?? makeCounts(now, lasts);
    counts.set(upstream, own);
    return own;
  }

  function join(worker: WorkerEnd, call: number): void {
    present.set(worker, { ready: false });
    for (const [topic, { said }] of turns) {
      if (said !== null) worker.say({ kind: 'told', topic, message: said });
    }
    sayAll({ kind: 'crew', crew: crew() });
    worker.say({ kind: 'joined', call });
  }

  function claim(worker: WorkerEnd, { call, topic, change, lasts: time }: Word<'claim'>): void {
    const held = turns.get(topic);
    const free = !held || held.change === change || held.until <= now();
    if (free && held?.change === change) held.until = now() + time;
    else if (free) turns.set(topic, { change, worker, until: now() + time, said: null });
    const there = free ? [...present.keys()].map(({ id }) => id) : [];
    worker.say({ kind: 'claimed', call, present: there });
  }

  function release(topic: string, change: string): void {
    if (turns.get(topic)?.change === change) turns.delete(topic);
  }

  function tell(worker: WorkerEnd, { topic, message }: Word<'tell'>): void {
    const turn = turns.get(topic);
    if (turn?.worker === worker) turn.said = message;
    sayAll({ kind: 'told', topic, message }, worker);
  }

  function ask(worker: WorkerEnd, { call, question }: Word<'ask'>): void {
    const number = ++questions;
    const missing = new Set([...present.keys()].filter((other) => other !== worker));
    const answers: unknown[] = [];
    const end = () => {
      clearTimeout(timer);
      if (open.delete(number)) worker.say({ kind: 'answered', call, answers });
    };
    const timer = setTimeout(end, patience);
    open.set(number, { missing, answers, end });
    for (const other of missing) other.say({ kind: 'asked', call: number, question });
    if (missing.size === 0) end();
  }

  function settle(asked: Open | undefined, worker: WorkerEnd): void {
    if (asked?.missing.delete(worker) && asked.missing.size === 0) asked.end();
  }

  function answer(worker: WorkerEnd, { call, answer: given }: Word<'answer'>): void {
    const asked = open.get(call);
    if (asked?.missing.has(worker)) asked.answers.push(given);
    settle(asked, worker);
  }

  async function take(worker: WorkerEnd, { call, upstream, asks }: Word<'take'>): Promise<void> {
    const grants = await countsOf(upstream).take(asks);
    worker.say({ kind: 'granted', call, grants: [...grants] });
  }

  function standing(worker: WorkerEnd, ready: boolean): void {
    if (!present.has(worker)) return;
    present.set(worker, { ready });
    sayAll({ kind: 'crew', crew: crew() });
  }

  return {
    get crew() {
      return crew();
    },
    hear: (worker, message) => {
      const { kind } = message;
      if (kind === 'take') void take(worker, message);
      else if (kind === 'giveBack')
        countsOf(message.upstream).giveBack(message.quota, message.units);
      else if (kind === 'join') join(worker, message.call);
      else if (kind === 'standing') standing(worker, message.ready);
      else if (kind === 'claim') claim(worker, message);
      else if (kind === 'release') release(message.topic, message.change);
      else if (kind === 'tell') tell(worker, message);
      else if (kind === 'ask') ask(worker, message);
      else if (kind === 'answer') answer(worker, message);
    },
    gone: (worker) => {
      present.delete(worker);
      for (const [topic, turn] of turns) if (turn.worker === worker) turns.delete(topic);
      for (const asked of open.values()) settle(asked, worker);
      sayAll({ kind: 'crew', crew: crew() });
    },
    restarted: () => {
      restarts++;
    },
  };
}

type Word<K extends FromWorker['kind']> = Extract<FromWorker, { kind: K }>;
