import { type Counts, makeCounts } from '../../limits/counts.ts';
import type { Crew, FromParent, FromWorker } from './message.ts';
import { makeQuestions } from './questions.ts';
import { makeTurns } from './turns.ts';

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

/** How long a worker may keep units that it was granted, in milliseconds. */
const lasts = 60_000;

/** Makes the hub of a gateway. Its memory grows with the limits in use and with nothing else. */
export function makeHub({ count, now, patience }: HubOptions): Hub {
  const present = new Map<WorkerEnd, { ready: boolean }>();
  const countsOf = countsByUpstream(now);
  const turns = makeTurns(now);
  const questions = makeQuestions(patience);
  let restarts = 0;

  function crew(): Crew {
    const workers = [...present].map(([{ id, pid }, { ready }]) => ({ id, pid, ready }));
    return { count, workers, restarts };
  }

  function sayAll(message: FromParent, but: WorkerEnd | null = null): void {
    for (const worker of present.keys()) if (worker !== but) worker.say(message);
  }

  function join(worker: WorkerEnd, call: number): void {
    present.set(worker, { ready: false });
    for (const told of turns.told()) worker.say({ kind: 'told', ...told });
    sayAll({ kind: 'crew', crew: crew() });
    worker.say({ kind: 'joined', call });
  }

  function claim(worker: WorkerEnd, { call, ...wanted }: Word<'claim'>): void {
    const there = turns.claim(worker, wanted) ? [...present.keys()].map(({ id }) => id) : [];
    worker.say({ kind: 'claimed', call, present: there });
  }

  function tell(worker: WorkerEnd, { topic, message }: Word<'tell'>): void {
    turns.said(worker, topic, message);
    sayAll({ kind: 'told', topic, message }, worker);
  }

  function ask(worker: WorkerEnd, { call, question }: Word<'ask'>): void {
    const others = [...present.keys()].filter((other) => other !== worker);
    questions.ask(others, question, (answers) =>
      worker.say({ kind: 'answered', call, answers: [...answers] }),
    );
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
      else if (kind === 'release') turns.release(message.topic, message.change);
      else if (kind === 'tell') tell(worker, message);
      else if (kind === 'ask') ask(worker, message);
      else if (kind === 'answer') questions.answer(worker, message.call, message.answer);
    },
    gone: (worker) => {
      present.delete(worker);
      turns.gone(worker);
      questions.gone(worker);
      sayAll({ kind: 'crew', crew: crew() });
    },
    restarted: () => {
      restarts++;
    },
  };
}

/** What is counted at each upstream, made as it is asked for. */
function countsByUpstream(now: () => number): (upstream: string) => Counts {
  const counts = new Map<string, Counts>();
  return (upstream) => {
    const own = counts.get(upstream) ?? makeCounts(now, lasts);
    counts.set(upstream, own);
    return own;
  };
}

type Word<K extends FromWorker['kind']> = Extract<FromWorker, { kind: K }>;
