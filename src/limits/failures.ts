import type { FailuresConfig } from './config.ts';
import { tellNews } from './failure-news.ts';
import type { Others } from './others.ts';
import { makeSketch } from './sketch.ts';
import { sourceOf } from './source.ts';
import { makeTurns, type Turns } from './turns.ts';

/** Many credentials that do not count, from one source or against one key. */
export interface FailureAlarm {
  readonly by: 'source' | 'key';
  /** The network, `10.0.0.7/32`, or the id of the key. */
  readonly name: string;
  /** How many are remembered of it. */
  readonly count: number;
}

/** Failed authentications: what is remembered of them, and what they wait for. */
export interface Failures {
  /**
   * Counts a credential that does not count: by where it comes from, and by the key whose public id
   * it shows with another secret. Gives for how many milliseconds its answer is to wait.
   */
  fail(address: string, key: string | null): number;
  /** Settles after so many milliseconds, or once whoever waits has left. Null, and nobody waits,
   * where very many do already. `gone` takes what is to be called then. */
  hold(milliseconds: number, gone: (leave: () => void) => void): Promise<void> | null;
  /** When a request is looked at whose connection showed a credential that does not count. */
  readonly turns: Turns;
  /** Answers and requests that wait now. */
  readonly held: number;
  /** How often an alarm was raised since the start. */
  readonly alarms: number;
}

/** What failures are counted with. */
export interface FailureMeans {
  readonly config: FailuresConfig;
  /** A hash of 32 bits, seeded. */
  readonly hash: (text: string) => number;
  /** Whether a key of this id is in force: the ids that somebody invents are not counted. */
  readonly isKey: (id: string) => boolean;
  /** Told once for each source or key that goes on failing, at most each ten minutes. */
  readonly alarm: (alarm: FailureAlarm) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** As `TurnMeans.carriesMany`; left out where no peer does. */
  readonly carriesMany?: (address: string) => boolean;
  /** Who counts along; left out where nobody does. */
  readonly others?: Others | null;
}

const firstDelay = 100;
const heldAtMost = 1024;
/** How many failures past those that are free raise the alarm. */
const alarming = 10;
const alarmEvery = 600_000;
const alarmsAtMost = 256;

/**
 * Slows the answers to failing credentials, and what follows them on their connection: a credential
 * that counts is never refused, and waits for nothing that comes over another connection, whatever
 * its neighbours behind the same address do. Memory is bounded.
 */
export function makeFailures(means: FailureMeans): Failures {
  const { config, hash, isKey, alarm, now, carriesMany = () => false, others = null } = means;
  const { allowed, forget, delay, ipv4, ipv6 } = config;
  const counts = makeSketch({ hash, forget });
  const news = others && tellNews(others, (name, count) => void counts.add(name, now(), count));
  /** Who was told of, and when; it forgets the oldest. */
  const told = new Map<string, number>();
  const turns = makeTurns({ carriesMany, now });
  let alarms = 0;
  let held = 0;
  let last = { address: '', source: '' };

  /** A flood comes from few addresses, and each is read once in a row. */
  function sourceAt(address: string): string {
    if (address !== last.address) last = { address, source: sourceOf(address, { ipv4, ipv6 }) };
    return last.source;
  }

  function tell(found: FailureAlarm, time: number): void {
    const name = `${found.by} ${found.name}`;
    const last = told.get(name);
    if (last !== undefined && time - last < alarmEvery) return;
    const [oldest, at = 0] = told.size >= alarmsAtMost ? ([...told][0] ?? []) : [];
    // Where too many alarm at once, the first of them stand for the rest.
    if (oldest !== undefined && time - at < alarmEvery) return;
    if (oldest !== undefined) told.delete(oldest);
    told.delete(name);
    told.set(name, time);
    alarms++;
    alarm(found);
  }

  function count(by: FailureAlarm['by'], name: string, time: number): number {
    const level = counts.add(`${by} ${name}`, time);
    news?.(`${by} ${name}`);
    if (level > allowed + alarming) tell({ by, name, count: Math.round(level) }, time);
    return level;
  }

  return {
    fail: (address, key) => {
      const time = now();
      const source = count('source', sourceAt(address), time);
      const ofKey = key !== null && isKey(key) ? count('key', key, time) : 0;
      const over = Math.ceil(Math.max(source, ofKey) - allowed);
      return over <= 0 ? 0 : Math.min(delay, firstDelay * 2 ** Math.min(over - 1, 30));
    },
    hold: (milliseconds, gone) => {
      if (held >= heldAtMost) return null;
      held++;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      gone(resolve);
      return promise.then(() => {
        clearTimeout(timer);
        held--;
      });
    },
    turns,
    get held() {
      return held + turns.waiting;
    },
    get alarms() {
      return alarms;
    },
  };
}
