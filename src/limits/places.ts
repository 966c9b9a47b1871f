import type { Others } from './others.ts';

/** The requests under way that several processes tell each other of. */
export interface Places {
  /** Tells the others how many this process has under a key. Nothing waits for it. */
  tell(key: string, places: number): void;
  /** Hears how many all others have together. */
  hear(listener: (key: string, places: number) => void): void;
  close(): void;
}

/** How soon the others hear, in milliseconds: what begins meanwhile, they do not count. */
const tellAfter = 10;
/** How often all is told again, for whoever came later. */
const tellAllEvery = 1000;

/** What one process told: its places by key. */
type Told = Map<string, number>;

interface Word {
  readonly from: string;
  readonly all: boolean;
  readonly places: readonly (readonly [string, number])[];
}

/** Shares the places of one upstream. Memory grows with the requests under way. */
export function makePlaces(others: Others, upstream: string): Places {
  const topic = `places/${upstream}`;
  const own: Told = new Map();
  const theirs = new Map<string, Told>();
  let news: Told = new Map();
  let waiting: NodeJS.Timeout | null = null;
  let heard: (key: string, places: number) => void = () => undefined;

  /** `all`: whatever else was told before is no more. */
  function say(places: Told, all: boolean): void {
    const word: Word = { from: others.id, all, places: [...places] };
    others.tell(topic, JSON.stringify(word)).catch(() => undefined);
  }

  function sum(key: string): void {
    let total = 0;
    for (const told of theirs.values()) total += told.get(key) ?? 0;
    heard(key, total);
  }

  function take(from: string, places: readonly (readonly [string, number])[]): void {
    const told = theirs.get(from) ?? new Map<string, number>();
    theirs.set(from, told);
    for (const [key, count] of places) {
      if (count > 0) told.set(key, count);
      else told.delete(key);
      sum(key);
    }
  }

  function drop(from: string, but: ReadonlySet<string>): void {
    const keys = [...(theirs.get(from)?.keys() ?? [])].filter((key) => !but.has(key));
    take(
      from,
      keys.map((key) => [key, 0]),
    );
  }

  function forget(from: string): void {
    drop(from, new Set());
    theirs.delete(from);
  }

  others.hear(topic, (message) => {
    const { from, all, places } = JSON.parse(message) as Word;
    if (from === others.id) return;
    if (all) drop(from, new Set(places.map(([key]) => key)));
    take(from, places);
  });
  // Whoever had this id before is gone, and the others may not have seen it go.
  say(own, true);
  const timer = setInterval(() => {
    for (const from of theirs.keys()) if (!others.present.includes(from)) forget(from);
    if (own.size > 0) say(own, true);
  }, tellAllEvery).unref();

  return {
    tell: (key, places) => {
      if (places > 0) own.set(key, places);
      else own.delete(key);
      news.set(key, places);
      waiting ??= setTimeout(() => {
        waiting = null;
        say(news, false);
        news = new Map();
      }, tellAfter).unref();
    },
    hear: (listener) => {
      heard = listener;
    },
    close: () => {
      clearInterval(timer);
      if (waiting) clearTimeout(waiting);
    },
  };
}
