import type { WorkerEnd } from './hub.ts';
import type { Question } from './message.ts';

/** The questions that workers have put to all others. */
export interface Questions {
  /** Asks these workers, and hands over their answers: once all have answered or are gone, or
   * nobody waits any longer. */
  ask(
    others: readonly WorkerEnd[],
    question: Question,
    answered: (answers: readonly unknown[]) => void,
  ): void;
  /** Takes the answer of one worker to the question of this number. */
  answer(worker: WorkerEnd, number: number, answer: unknown): void;
  /** Waits no longer for a worker that is no more. */
  gone(worker: WorkerEnd): void;
}

/** A question that is out. */
interface Open {
  readonly missing: Set<WorkerEnd>;
  readonly answers: unknown[];
  end(): void;
}

/** Makes the questions of a hub; `patience`: how long one may take, in milliseconds. */
export function makeQuestions(patience: number): Questions {
  const open = new Map<number, Open>();
  let asked = 0;

  function settle(question: Open | undefined, worker: WorkerEnd): void {
    if (question?.missing.delete(worker) && question.missing.size === 0) question.end();
  }

  return {
    ask: (others, question, answered) => {
      const number = ++asked;
      const missing = new Set(others);
      const answers: unknown[] = [];
      const end = () => {
        clearTimeout(timer);
        if (open.delete(number)) answered(answers);
      };
      const timer = setTimeout(end, patience);
      open.set(number, { missing, answers, end });
      for (const other of missing) other.say({ kind: 'asked', call: number, question });
      if (missing.size === 0) end();
    },
    answer: (worker, number, answer) => {
      const question = open.get(number);
      if (question?.missing.has(worker)) question.answers.push(answer);
      settle(question, worker);
    },
    gone: (worker) => {
      for (const question of open.values()) settle(question, worker);
    },
  };
}
