import { LRUCache } from 'lru-cache';
import type { ValueCondition } from './token-issuer.ts';

/** Whether a condition holds; without a promise where the answer is at hand. */
export type Holds = (condition: ValueCondition) => boolean | Promise<boolean>;

/** What conditions are asked with. */
export interface ConditionMeans {
  /** Asks the database. */
  readonly ask: (condition: ValueCondition) => Promise<boolean>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long a yes counts, in milliseconds. */
const remembered = 1000;
const mostRemembered = 4096;

/**
 * Asks the database whether conditions hold, once for all who ask the same meanwhile. A yes counts
 * for a second, from when it was asked; a no and a failure are forgotten at once.
 */
export function keepConditions({ ask, now }: ConditionMeans): Holds {
  const held = new LRUCache<string, { readonly until: number }>({ max: mostRemembered });
  const asked = new Map<string, Promise<boolean>>();

  async function answer(condition: ValueCondition): Promise<boolean> {
    const until = now() + remembered;
    const holds = await ask(condition);
    if (holds) held.set(condition.text, { until });
    return holds;
  }

  return (condition) => {
    const { text } = condition;
    const known = held.get(text);
    if (known && now() < known.until) return true;
    const begun = asked.get(text);
    if (begun) return begun;
    const answered = answer(condition);
    const over = () => void asked.delete(text);
    asked.set(text, answered);
    answered.then(over, over);
    return answered;
  };
}
