import type { WorkerEnd } from './hub.ts';

/** Who has the turn to change what several workers share: of each topic one change at a time. */
export interface Turns {
  /** Whether the turn is free, or this change's already; then it is, for `lasts` milliseconds. */
  claim(
    worker: WorkerEnd,
    wanted: { readonly topic: string; readonly change: string; readonly lasts: number },
  ): boolean;
  release(topic: string, change: string): void;
  /** Keeps what whoever has the turn told last. */
  said(worker: WorkerEnd, topic: string, message: string): void;
  /** What was told last in each turn: whoever joins meanwhile hears it too. */
  told(): readonly { readonly topic: string; readonly message: string }[];
  /** Ends the turns of a worker that is no more. */
  gone(worker: WorkerEnd): void;
}

interface Turn {
  readonly change: string;
  readonly worker: WorkerEnd;
  until: number;
  said: string | null;
}

/** Makes the turns of a hub; `now` gives milliseconds, monotonic. */
export function makeTurns(now: () => number): Turns {
  const turns = new Map<string, Turn>();
  return {
    claim: (worker, { topic, change, lasts }) => {
      const held = turns.get(topic);
      const until = now() + lasts;
      if (held?.change === change) held.until = until;
      else if (held && held.until > now()) return false;
      else turns.set(topic, { change, worker, until, said: null });
      return true;
    },
    release: (topic, change) => {
      if (turns.get(topic)?.change === change) turns.delete(topic);
    },
    said: (worker, topic, message) => {
      const turn = turns.get(topic);
      if (turn?.worker === worker) turn.said = message;
    },
    told: () =>
      [...turns].flatMap(([topic, { said }]) => (said === null ? [] : { topic, message: said })),
    gone: (worker) => {
      for (const [topic, turn] of turns) if (turn.worker === worker) turns.delete(topic);
    },
  };
}
