import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Hub, makeHub } from '../../../src/gateway/workers/hub.ts';
import { type Channel, openLine, type Siblings } from '../../../src/gateway/workers/line.ts';
import { type FromParent, fromParent, fromWorker } from '../../../src/gateway/workers/message.ts';
import type { Quota } from '../../../src/policy/quota.ts';
import { keepNames } from '../../../src/proxy/names.ts';
import { shareNames } from '../../../src/proxy/shared-names.ts';
import { quotaOf } from './quota.ts';

/** A worker on a line of its own; each message goes through the table and through JSON. */
interface Worker {
  readonly siblings: Siblings;
  die(): void;
}

const patience = 5000;

function crewOf(count: number, now = () => performance.now()) {
  const hub = makeHub({ count, now, patience });
  return { hub, start: (id: string) => start(hub, id) };
}

async function start(hub: Hub, id: string): Promise<Worker> {
  let hears: (message: unknown) => void = () => undefined;
  let closed: () => void = () => undefined;
  let alive = true;
  const later = (act: () => void) => queueMicrotask(() => alive && act());
  const say = (message: FromParent) => {
    const written = JSON.stringify(fromParent.parse(message));
    later(() => hears(JSON.parse(written)));
  };
  const worker = { id, pid: 1, say };
  const channel: Channel = {
    say: (message) => {
      const written = JSON.stringify(message);
      later(() => hub.hear(worker, fromWorker.parse(JSON.parse(written))));
    },
    hear: (listener) => {
      hears = listener;
    },
    closed: (listener) => {
      closed = listener;
    },
  };
  const opening = openLine(channel);
  const begin = { configuration: '', bound: null, died: null, leads: false };
  say({ kind: 'begin', id, crew: hub.crew, ...begin });
  const siblings = await opening;
  const die = () => {
    alive = false;
    hub.gone(worker);
    closed();
  };
  return { siblings, die };
}

async function joined(hub: Hub, id: string): Promise<Worker> {
  const worker = await start(hub, id);
  await worker.siblings.join();
  return worker;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('what workers share', () => {
  it('is one count, of which nobody gets more than there is', async () => {
    const { hub } = crewOf(2, () => 0);
    const [one, other] = [await joined(hub, 'w1'), await joined(hub, 'w2')];
    const quota = quotaOf({ units: 10, burst: 10, period: 1000 });
    const take = (worker: Worker, units: number, owed = 0) =>
      worker.siblings.counts('main').take([{ quota, units, owed }]);
    expect(await take(one, 6)).toMatchObject([{ units: 6, left: 4 }]);
    expect(await take(other, 6)).toMatchObject([{ units: 4, left: 0 }]);
    one.siblings.counts('main').giveBack(quota, 3);
    expect(await take(other, 6, 1)).toMatchObject([{ units: 2, left: 0 }]);
    expect(await one.siblings.counts('other').take([{ quota, units: 1, owed: 0 }])).toMatchObject([
      { units: 1, left: 9 },
    ]);
  });

  it('is a sweep too, of whatever collection and however small its parts', async () => {
    const { hub } = crewOf(2, () => 0);
    const [one, other] = [await joined(hub, 'w1'), await joined(hub, 'w2')];
    const quota: Quota = {
      ...quotaOf({ units: 2000, burst: 2000, period: 86_400_000 }),
      measure: 'sweep',
      sweep: { of: { database: 'd', collection: 'c' }, holder: 'key:a', exceed: 'stop' },
    };
    const take = (worker: Worker, owed: number) =>
      worker.siblings.counts('main').take([{ quota, units: 0, owed }]);
    expect(await take(one, 1500.5)).toMatchObject([{ units: 0, left: 499 }]);
    expect(await take(other, 0)).toMatchObject([{ left: 499 }]);
  });

  it('is not asked for any more once the parent is gone', async () => {
    const { hub } = crewOf(1);
    const one = await joined(hub, 'w1');
    const quota = quotaOf({ units: 10, burst: 10, period: 1000 });
    const asked = one.siblings.counts('main').take([{ quota, units: 1, owed: 0 }]);
    one.die();
    await expect(asked).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('is told of to all who have joined, and of who has not to nobody', async () => {
    const { hub } = crewOf(3);
    const [one, other] = [await joined(hub, 'w1'), await joined(hub, 'w2')];
    await start(hub, 'w3');
    await vi.waitFor(() => expect(one.siblings.neighbours.present).toEqual(['w1', 'w2']));
    const heard: string[] = [];
    for (const { siblings } of [one, other]) {
      siblings.neighbours.hear('names/main', (message) => heard.push(`${siblings.id} ${message}`));
    }
    await one.siblings.neighbours.tell('names/main', 'news');
    await vi.waitFor(() => expect(heard).toEqual(['w2 news']));
  });
});

describe('a question to the others', () => {
  it('is answered by each of them, and never by the one who asks', async () => {
    const { hub } = crewOf(3);
    const crew = [await joined(hub, 'w1'), await joined(hub, 'w2'), await joined(hub, 'w3')];
    for (const { siblings } of crew) siblings.answers(async () => siblings.id);
    expect(await crew[0]?.siblings.ask({ about: 'metrics' })).toEqual(['w2', 'w3']);
  });

  it('does not wait for a worker that dies, nor longer than its patience for one that is silent', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { hub } = crewOf(3);
    const [one, other, silent] = [
      await joined(hub, 'w1'),
      await joined(hub, 'w2'),
      await joined(hub, 'w3'),
    ];
    for (const { siblings } of [other, silent])
      siblings.answers(() => new Promise(() => undefined));
    let answers: readonly unknown[] | null = null;
    const asked = one.siblings.ask({ about: 'status' }).then((told) => {
      answers = told;
    });
    other.die();
    await vi.advanceTimersByTimeAsync(patience - 1);
    expect(answers).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    await asked;
    expect(answers).toEqual([]);
  });

  it('that nobody can answer is answered with nothing', async () => {
    const { hub } = crewOf(2);
    const [one, other] = [await joined(hub, 'w1'), await joined(hub, 'w2')];
    other.siblings.answers(() => Promise.reject(new Error('broken')));
    expect(await one.siblings.ask({ about: 'status' })).toEqual([null]);
  });
});

describe('the turn to change names', () => {
  it('is one worker’s at a time, goes on when it is claimed again, and ends with it', async () => {
    let time = 0;
    const { hub } = crewOf(2, () => time);
    const [one, other] = [await joined(hub, 'w1'), await joined(hub, 'w2')];
    const [a, b] = [one.siblings.neighbours, other.siblings.neighbours];
    expect(await a.claim('names/main', 'first', 1000)).toEqual(['w1', 'w2']);
    expect(await b.claim('names/main', 'second', 1000)).toEqual([]);
    expect(await b.claim('names/other', 'third', 1000)).toEqual(['w1', 'w2']);
    time = 999;
    expect(await a.claim('names/main', 'first', 1000)).toEqual(['w1', 'w2']);
    time = 1500;
    expect(await b.claim('names/main', 'second', 1000)).toEqual([]);
    await b.release('names/main', 'second');
    expect(await b.claim('names/main', 'second', 1000)).toEqual([]);
    one.die();
    expect(await b.claim('names/main', 'second', 1000)).toEqual(['w2']);
  });

  it('is heard of by whoever joins while it lasts, before it serves', async () => {
    const { hub } = crewOf(2);
    const one = await joined(hub, 'w1');
    await one.siblings.neighbours.claim('names/main', 'first', 60_000);
    await one.siblings.neighbours.tell('names/main', 'begin');
    const other = await start(hub, 'w2');
    const heard: string[] = [];
    other.siblings.neighbours.hear('names/main', (message) => heard.push(message));
    await other.siblings.join();
    expect(heard).toEqual(['begin']);
  });

  it('lets a change begin once every other worker holds its requests, and lets them go after it', async () => {
    const { hub } = crewOf(2);
    const crew = [await joined(hub, 'w1'), await joined(hub, 'w2')];
    await vi.waitFor(() => expect(crew[0]?.siblings.neighbours.present).toEqual(['w1', 'w2']));
    const table = { collections: new Map(), aliases: new Map([['live', 'blue']]) };
    const options = { now: () => 0, staleAfter: 1, patience: 1000, failed: () => undefined };
    const shared = crew.map(({ siblings: { neighbours } }) => {
      const names = keepNames({ ...options, read: async () => table as never });
      return shareNames({ names, upstream: 'main', neighbours, patience: 1000, now: () => 0 });
    });
    const [here, there] = shared;
    const change = here?.changing(['live']);
    await change?.ready;
    const waiting = there?.settled(['live']);
    expect(waiting).not.toBeNull();
    change?.done();
    await waiting;
    expect(there?.settled(['live'])).toBeNull();
    for (const one of shared) one.close();
  });
});
