import { describe, expect, it } from 'vitest';
import type { NameTable } from '../../src/catalog/database.ts';
import { keepNames } from '../../src/proxy/names.ts';

interface Answering {
  read: () => Promise<NameTable>;
  answer(aliases: Record<string, string>): Promise<void>;
  answerNewest(aliases: Record<string, string>): Promise<void>;
  fail(): Promise<void>;
}

/** A database whose answers are given by hand, oldest question first. */
function answering(): Answering {
  const open: PromiseWithResolvers<NameTable>[] = [];
  const turn = async () => {
    for (let i = 0; i < 4; i++) await Promise.resolve();
  };
  const give = (one: PromiseWithResolvers<NameTable> | undefined, told: Record<string, string>) => {
    const collections = new Set(Object.values(told));
    one?.resolve({ aliases: new Map(Object.entries(told)), collections });
    return turn();
  };
  return {
    read: () => {
      const one = Promise.withResolvers<NameTable>();
      open.push(one);
      return one.promise;
    },
    answer: (aliases) => give(open.shift(), aliases),
    answerNewest: (aliases) => give(open.pop(), aliases),
    fail: () => {
      open.shift()?.reject(new Error('down'));
      return turn();
    },
  };
}

function keeper(database: Answering, clock = { at: 0 }) {
  const failures: Error[] = [];
  const names = keepNames({
    read: database.read,
    now: () => clock.at,
    staleAfter: 5000,
    patience: 60_000,
    failed: (error) => failures.push(error),
  });
  return { names, failures, clock };
}

async function readOnce(database: Answering, aliases: Record<string, string>) {
  const kept = keeper(database);
  const reading = kept.names.refresh();
  await database.answer(aliases);
  await reading;
  return kept;
}

describe('the name table', () => {
  it('refuses to resolve before it was ever read', () => {
    const { names } = keeper(answering());
    expect(() => names.resolve('a')).toThrow(/cannot be read/);
  });

  it('resolves an alias to its collection and leaves other names as they are', async () => {
    const { names } = await readOnce(answering(), { a: 'one' });
    expect(names.resolve('a')).toBe('one');
    expect(names.resolve('one')).toBe('one');
    expect(names.isAlias('a')).toBe(true);
    expect(names.isCollection('one')).toBe(true);
  });

  it('is not trusted once it is older than it may be', async () => {
    const { names, clock } = await readOnce(answering(), { a: 'one' });
    clock.at = 5001;
    expect(() => names.resolve('a')).toThrow(/cannot be read/);
    expect(names.table()).toBeNull();
  });

  it('counts its age from the question, not from the answer', async () => {
    const database = answering();
    const { names, clock } = keeper(database);
    const reading = names.refresh();
    clock.at = 5001;
    await database.answer({ a: 'one' });
    await reading;
    expect(() => names.resolve('a')).toThrow(/cannot be read/);
  });

  it('keeps the last good table through a failed reading, and tells of it', async () => {
    const database = answering();
    const { names, failures } = await readOnce(database, { a: 'one' });
    const reading = names.refresh();
    await database.fail();
    await reading;
    expect(names.resolve('a')).toBe('one');
    expect(failures).toHaveLength(1);
  });
});

describe('a change of what a name means', () => {
  it('makes requests for that name wait until the new table is read', async () => {
    const database = answering();
    const { names } = await readOnce(database, { a: 'one' });
    const change = names.changing(['a', 'two']);
    const waiting = names.settled(['a']);
    expect(waiting).not.toBeNull();
    expect(names.settled(['b'])).toBeNull();
    change.done();
    await database.answer({ a: 'two' });
    await waiting;
    expect(names.resolve('a')).toBe('two');
    expect(names.settled(['a'])).toBeNull();
  });

  it('is not undone by a reading that began before it ended', async () => {
    const database = answering();
    const { names } = await readOnce(database, { a: 'one' });
    const change = names.changing(['a']);
    const stale = names.refresh();
    change.done();
    const waiting = names.settled(['a']);
    await database.answerNewest({ a: 'two' });
    await waiting;
    await database.answer({ a: 'one' });
    await stale;
    expect(names.resolve('a')).toBe('two');
  });

  it('leaves its names unreadable where the table cannot be read after it', async () => {
    const database = answering();
    const { names } = await readOnce(database, { a: 'one' });
    const change = names.changing(['a']);
    const waiting = names.settled(['a']);
    change.done();
    await database.fail();
    await waiting;
    expect(() => names.resolve('a')).toThrow(/cannot be read/);
  });

  it('waits for every change under way that concerns a name', async () => {
    const database = answering();
    const { names } = await readOnce(database, { a: 'one' });
    const first = names.changing(['a']);
    const second = names.changing(['a']);
    first.done();
    await database.answer({ a: 'two' });
    expect(names.settled(['a'])).not.toBeNull();
    second.done();
    await database.answer({ a: 'three' });
    expect(names.settled(['a'])).toBeNull();
    expect(names.resolve('a')).toBe('three');
  });
});

describe('a name that means nothing yet', () => {
  it('is given a meaning only once no request under way reaches the database by it', async () => {
    const { names } = await readOnce(answering(), { a: 'one' });
    const first = names.using(['x']);
    const second = names.using(['x', 'one']);
    const { ready } = names.changing(['x', 'one']);
    let isReady = false;
    ready?.then(() => {
      isReady = true;
    });
    first();
    await Promise.resolve();
    expect(isReady).toBe(false);
    second();
    await ready;
    expect(names.changing(['x']).ready).toBeNull();
  });

  it('lets a change of names that are pinned, or cannot be shadowed, go on at once', async () => {
    const { names } = await readOnce(answering(), { a: 'one' });
    names.using(['a', 'one', 'other']);
    expect(names.changing(['a', 'one']).ready).toBeNull();
  });

  it('counts as used for a collection that was dropped while a request was on its way there', async () => {
    const database = answering();
    const { names } = await readOnce(database, { a: 'one' });
    const used = names.using(['one']);
    const drop = names.changing(['one']);
    drop.done();
    await database.answer({});
    const { ready } = names.changing(['one']);
    expect(ready).not.toBeNull();
    used();
    await ready;
  });

  it('is refused its new meaning where that would take too long', async () => {
    const database = answering();
    const names = keepNames({
      read: database.read,
      now: () => 0,
      staleAfter: 5000,
      patience: 0,
      failed: () => undefined,
    });
    names.using(['x']);
    await expect(names.changing(['x']).ready).rejects.toMatchObject({ code: 'overloaded' });
  });
});
