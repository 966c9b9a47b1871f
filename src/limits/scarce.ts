import type { Others } from './others.ts';

/** What several processes tell each other of counts that are more than half used up. */
export interface Scarcity {
  /** Tells the others what is left under a key. Nothing waits for it. */
  tell(key: string, rest: Rest): void;
  hear(listener: (key: string, rest: Rest) => void): void;
}

/** What is left of a count, and in how many milliseconds what was taken is paid for. */
export interface Rest {
  readonly left: number;
  readonly paidIn: number;
  /** Whether some of it may be given back: then it binds nobody who can ask. */
  readonly leased?: boolean;
}

/** How soon the others hear, in milliseconds, and how many counts they hear of at once; of the rest
 * each learns when it asks. */
const tellAfter = 5;
const mostKeys = 1024;

interface Word {
  readonly from: string;
  readonly left: readonly (readonly [string, Rest])[];
}

/** Shares what is scarce of one upstream, so that whoever has asked long ago, or never, does not
 * take a count for whole. */
export function tellScarcity(others: Others, upstream: string): Scarcity {
  const topic = `scarce/${upstream}`;
  let news = new Map<string, Rest>();
  let heard: (key: string, rest: Rest) => void = () => undefined;
  others.hear(topic, (message) => {
    const word = wordOf(message);
    if (word && word.from !== others.id) for (const [key, rest] of word.left) heard(key, rest);
  });
  const say = () => {
    const message = JSON.stringify({ from: others.id, left: [...news] });
    news = new Map();
    others.tell(topic, message).catch(() => undefined);
  };
  return {
    tell: (key, rest) => {
      if (!news.has(key) && news.size >= mostKeys) return;
      if (news.size === 0) setTimeout(say, tellAfter).unref();
      news.set(key, rest);
    },
    hear: (listener) => {
      heard = listener;
    },
  };
}

/** Whoever reaches the store may tell anything: null for what no gateway says. */
function wordOf(message: string): Word | null {
  let told: Partial<Record<keyof Word, unknown>> | null;
  try {
    told = JSON.parse(message);
  } catch {
    return null;
  }
  const { from, left } = told ?? {};
  const isWord = typeof from === 'string' && Array.isArray(left) && left.length <= mostKeys;
  return isWord && left.every(isRestOfKey) ? { from, left } : null;
}

function isRestOfKey(told: unknown): told is readonly [string, Rest] {
  if (!Array.isArray(told) || typeof told[0] !== 'string') return false;
  const { left, paidIn } = (told[1] ?? {}) as Partial<Record<keyof Rest, unknown>>;
  return Number.isFinite(left) && Number.isFinite(paidIn);
}
