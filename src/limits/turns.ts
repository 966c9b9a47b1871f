import { Refusal } from '../refusal.ts';

/** One connection: the same object for each of its requests. */
export interface Suspect {
  readonly address: string;
}

/**
 * Who is looked at when, of all that comes over connections whose last credential did not count:
 * so many a second, one connection after the other, however many there are. Whatever comes over
 * other connections waits for nothing.
 */
export interface Turns {
  /** Says that a connection's credential did not count, and was to wait. */
  suspect(connection: Suspect): void;
  /** Says that it showed one that counts: nothing of it waits any more. */
  clear(connection: Suspect): void;
  /**
   * Settles when a request is to be looked at; null: now. `gone` takes what is to be called when
   * its caller leaves: then it rejects with `Refusal` not-authenticated. Where very many wait
   * throws `Refusal` overloaded, and calls `last`: the connection is to end.
   */
  take(
    connection: Suspect,
    gone: (leave: () => void) => void,
    last: () => void,
  ): Promise<void> | null;
  /** Requests that wait now. */
  readonly waiting: number;
}

/** What turns are given by. */
export interface TurnMeans {
  /** Whether a peer of this address sends the requests of many callers over one connection, who
   * must not wait for each other. */
  readonly carriesMany: (address: string) => boolean;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Milliseconds between two turns, and how many may come at once after a while without any. */
const gap = 2;
const burst = 50;
const beat = 4;
const waitingAtMost = 4096;

interface Waiting {
  readonly go: () => void;
}

/** Gives turns to the requests of suspect connections. Memory is bounded. */
export function makeTurns({ carriesMany, now }: TurnMeans): Turns {
  const suspects = new WeakSet<Suspect>();
  /** In the order of their next turns. */
  const queue = new Map<Suspect, Set<Waiting>>();
  let waiting = 0;
  let left = burst;
  let refilled = now();
  let beating = false;

  function refill(): void {
    const time = now();
    left = Math.min(burst, left + (time - refilled) / gap);
    refilled = time;
  }

  function remove(connection: Suspect, line: Set<Waiting>, one: Waiting): boolean {
    if (!line.delete(one)) return false;
    waiting--;
    if (line.size === 0) queue.delete(connection);
    return true;
  }

  function giveTurns(): void {
    beating = false;
    refill();
    for (; left >= 1 && waiting > 0; left--) {
      const [connection, line] = queue.entries().next().value ?? [];
      const one = line?.values().next().value;
      if (!connection || !line || !one) break;
      queue.delete(connection);
      queue.set(connection, line);
      remove(connection, line, one);
      one.go();
    }
    keepBeating();
  }

  function keepBeating(): void {
    if (beating || waiting === 0) return;
    beating = true;
    setTimeout(giveTurns, beat);
  }

  function wait(connection: Suspect, gone: (leave: () => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const one: Waiting = { go: resolve };
    const line = queue.get(connection) ?? new Set();
    queue.set(connection, line.add(one));
    waiting++;
    gone(() => {
      if (remove(connection, line, one)) reject(hasLeft());
    });
    keepBeating();
    return promise;
  }

  return {
    suspect: (connection) => {
      if (!carriesMany(connection.address)) suspects.add(connection);
    },
    clear: (connection) => {
      if (!suspects.delete(connection)) return;
      const line = queue.get(connection);
      for (const one of line ?? []) if (line && remove(connection, line, one)) one.go();
    },
    take: (connection, gone, last) => {
      if (!suspects.has(connection)) return null;
      refill();
      if (waiting === 0 && left >= 1) {
        left--;
        return null;
      }
      if (waiting < waitingAtMost) return wait(connection, gone);
      last();
      throw new Refusal('overloaded', 'too many wait whose connection showed what does not count');
    },
    get waiting() {
      return waiting;
    },
  };
}

function hasLeft(): Refusal {
  return new Refusal('not-authenticated', 'the caller left before its credential was looked at');
}
