import { describe, expect, it } from 'vitest';
import {
  type CredentialEvent,
  type Credentials,
  keepCredentials,
} from '../../src/proxy/credentials.ts';

/** A database that takes what a test says, and a keeper before it. */
function scene(configured: Credentials, taken: readonly string[]) {
  const takes = new Set(taken);
  const events: CredentialEvent[] = [];
  const shown: string[] = [];
  const waits: number[] = [];
  let due: (() => void) | null = null;
  const keeper = keepCredentials({
    configured,
    fieldsOf: (secret) => ({ http: ['api-key', secret], grpc: ['api-key', secret] }),
    trial: async ({ http: [, secret = ''] }) => {
      shown.push(secret);
      if (!takes.has(secret)) throw new Error('the database answered with status 401');
    },
    told: (event) => events.push(event),
    now: () => 0,
    later: (act, wait) => {
      waits.push(wait);
      due = act;
      return () => {
        due = null;
      };
    },
  });
  /** Lets the time pass until something is tried again; whether anything was to be. */
  const pass = async () => {
    const act = due;
    due = null;
    act?.();
    // What is said of fields that are in force no more changes nothing, and waits for its turn.
    await keeper.refused({ http: [], grpc: [] });
    return act !== null;
  };
  return { keeper, takes, events, shown, waits, pass, secret: () => keeper.fields().http[1] };
}

const both = { primary: 'old', secondary: 'new' };

describe('a switch', () => {
  it('goes to the other credential once the database has taken it, and back again', async () => {
    const { keeper, secret, events } = scene(both, ['old', 'new']);
    await keeper.switch();
    expect([secret(), keeper.state.inForce, keeper.state.previous]).toEqual([
      'new',
      'secondary',
      true,
    ]);
    await keeper.switch();
    expect(secret()).toBe('old');
    expect(events.map(({ event, credential }) => [event, credential])).toEqual([
      ['rotated', 'secondary'],
      ['rotated', 'primary'],
    ]);
  });

  it('to one that the database does not take is refused, and nothing changes', async () => {
    const { keeper, secret, events } = scene(both, ['old']);
    const fields = keeper.fields();
    await expect(keeper.switch()).rejects.toThrow(/secondary credential was not taken.*401/);
    expect(secret()).toBe('old');
    expect(keeper.fields()).toBe(fields);
    expect(events).toEqual([
      { event: 'refused', credential: 'secondary', cause: 'command', reason: expect.any(String) },
    ]);
  });

  it('is refused where there is only one', async () => {
    const { keeper } = scene({ primary: 'old', secondary: null }, ['old']);
    await expect(keeper.switch()).rejects.toThrow('no secondary');
    await expect(keeper.rollback()).rejects.toThrow('no other credential was in force');
  });
});

describe('a rollback', () => {
  it('goes to the one before, by whatever way that was left', async () => {
    const { keeper, secret } = scene({ primary: 'old', secondary: null }, ['old', 'newer']);
    await keeper.offer({ primary: 'newer', secondary: null });
    await keeper.rollback();
    expect([secret(), keeper.state.inForce]).toEqual(['old', 'previous']);
    await keeper.offer({ primary: 'newer', secondary: null });
    expect(secret(), 'a reload that brings nothing new undoes no rollback').toBe('old');
    await keeper.rollback();
    expect([secret(), keeper.state.inForce]).toEqual(['newer', 'primary']);
  });

  it('is refused where the database takes that one no more', async () => {
    const { keeper, secret, takes } = scene(both, ['old', 'new']);
    await keeper.switch();
    takes.delete('old');
    await expect(keeper.rollback()).rejects.toThrow(/not taken/);
    expect(secret()).toBe('new');
  });
});

describe('a credential that is read anew', () => {
  it('comes into force where the database takes it', async () => {
    const { keeper, secret, events } = scene(both, ['old', 'newer']);
    await keeper.offer({ primary: 'newer', secondary: 'new' });
    expect([secret(), keeper.state.failure]).toEqual(['newer', null]);
    expect(events).toEqual([
      { event: 'rotated', credential: 'primary', cause: 'reload', reason: null },
    ]);
  });

  it('stays out where the database does not, is told, and is tried again', async () => {
    const { keeper, secret, takes } = scene(both, ['old']);
    const next = { primary: 'newer', secondary: 'new' };
    await expect(keeper.offer(next)).rejects.toThrow(/not taken/);
    expect([secret(), keeper.state.inForce]).toEqual(['old', 'previous']);
    expect(keeper.state.failure?.reason).toContain('401');
    takes.add('newer');
    await keeper.offer(next);
    expect([secret(), keeper.state.failure]).toEqual(['newer', null]);
  });

  it('is tried again by itself, ever later, told once, until the database takes it', async () => {
    const { keeper, secret, takes, events, waits, pass } = scene(both, ['old']);
    await expect(keeper.offer({ primary: 'newer', secondary: null })).rejects.toThrow();
    for (let turn = 0; turn < 8; turn++) expect(await pass()).toBe(true);
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    takes.add('newer');
    expect(await pass()).toBe(true);
    expect([secret(), keeper.state.failure]).toEqual(['newer', null]);
    expect(events.map(({ event }) => event)).toEqual(['refused', 'rotated']);
    expect(await pass()).toBe(false);
  });

  it('is not tried again once another was chosen, another was read, or nobody listens', async () => {
    const next = { primary: 'newer', secondary: 'new' };
    const others = [
      (made: ReturnType<typeof scene>) => made.keeper.refused(made.keeper.fields()),
      (made: ReturnType<typeof scene>) => made.keeper.offer(both),
      async (made: ReturnType<typeof scene>) => made.keeper.close(),
    ];
    for (const other of others) {
      const made = scene(both, ['old', 'new']);
      await expect(made.keeper.offer(next)).rejects.toThrow();
      await other(made);
      made.takes.add('newer');
      expect(await made.pass()).toBe(false);
      expect(made.secret()).not.toBe('newer');
    }
  });

  it('disturbs nothing where it is not the one in force', async () => {
    const { keeper, secret, shown } = scene(both, ['old']);
    await keeper.offer({ primary: 'old', secondary: 'bad' });
    expect([secret(), shown]).toEqual(['old', []]);
  });

  it('follows the secondary after a switch to it', async () => {
    const { keeper, secret } = scene(both, ['old', 'new', 'newer']);
    await keeper.switch();
    await keeper.offer({ primary: 'old', secondary: 'newer' });
    expect(secret()).toBe('newer');
  });
});

describe('a credential that the database takes no more', () => {
  it('gives way to another that is configured and taken', async () => {
    const { keeper, secret, events } = scene(both, ['new']);
    expect(await keeper.refused(keeper.fields())).toBe(true);
    expect(secret()).toBe('new');
    expect(events.map(({ event, cause }) => [event, cause])).toEqual([
      ['refused', 'refusal'],
      ['rotated', 'refusal'],
    ]);
  });

  it('stays where no other is taken; that is told once, however often it is refused', async () => {
    const { keeper, secret, events } = scene(both, []);
    for (let round = 0; round < 3; round++) {
      expect(await keeper.refused(keeper.fields())).toBe(false);
    }
    expect([secret(), events.length]).toEqual(['old', 1]);
  });

  it('never gives way to one that is not configured any more', async () => {
    const { keeper, secret, takes } = scene(both, ['old', 'new', 'newer']);
    await keeper.offer({ primary: 'newer', secondary: 'new' });
    takes.delete('newer');
    takes.delete('new');
    expect(await keeper.refused(keeper.fields())).toBe(false);
    expect(secret()).toBe('newer');
  });

  it('is replaced once, however many requests were refused together', async () => {
    const { keeper, shown } = scene(both, ['new']);
    const fields = keeper.fields();
    const all = await Promise.all(Array.from({ length: 5 }, () => keeper.refused(fields)));
    expect(all).toEqual([true, true, true, true, true]);
    expect(shown).toEqual(['new']);
  });

  it('gives way to a new value that was not taken when it was read', async () => {
    const { keeper, secret, takes } = scene({ primary: 'old', secondary: null }, ['old']);
    await expect(keeper.offer({ primary: 'newer', secondary: null })).rejects.toThrow();
    takes.delete('old');
    takes.add('newer');
    expect(await keeper.refused(keeper.fields())).toBe(true);
    expect(secret()).toBe('newer');
  });
});

describe('what is told of credentials', () => {
  it('names them, and never holds one', async () => {
    const { keeper, events } = scene(both, ['old', 'new']);
    await keeper.switch();
    await keeper.test();
    await keeper.rollback();
    const told = JSON.stringify([events, keeper.state, await keeper.test()]);
    expect(told).not.toMatch(/"(old|new)"/);
  });

  it('tells of a test what the database says to each', async () => {
    const { keeper } = scene(both, ['old']);
    expect(await keeper.test()).toEqual([
      { credential: 'primary', accepted: true, reason: null },
      { credential: 'secondary', accepted: false, reason: expect.stringContaining('401') },
    ]);
  });
});
