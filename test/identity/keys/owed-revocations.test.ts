import { describe, expect, it } from 'vitest';
import type { KeyEntry } from '../../../src/identity/keys/entry.ts';
import { mintKey } from '../../../src/identity/keys/mint.ts';
import { KeyObjection } from '../../../src/identity/keys/objection.ts';
import { oweRevocations } from '../../../src/identity/keys/owed-revocations.ts';

const { entry } = mintKey({ name: 'leaked', roles: ['reader'] }, 1000);
const shared = { entries: [entry], digest: 'sha256:first', problem: null };

/** A store that takes revocations, or says why not. */
function scene() {
  const state: { wrong: Error | null; revoked: string[] } = { wrong: null, revoked: [] };
  const revoke = async (id: string, at: number): Promise<KeyEntry> => {
    if (state.wrong) throw state.wrong;
    state.revoked.push(id);
    return { ...entry, revoked: at };
  };
  const inForce = (id: string) => (id === entry.id ? entry : null);
  return { state, owed: oweRevocations({ revoke }, inForce) };
}

describe('a revocation that the store cannot be told', () => {
  it('holds here, under another digest, until the store was told and read again', async () => {
    const { state, owed } = scene();
    state.wrong = new Error('it does not answer');
    expect(await owed.revoke(entry.id, 2000)).toMatchObject({ revoked: 2000 });
    expect(owed.owes(entry.id)).toBe(true);
    expect(owed.over(shared).entries[0]?.revoked).toBe(2000);
    expect(owed.over(shared).digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    await expect(owed.tell()).rejects.toThrow('it does not answer');
    state.wrong = null;
    const told = await owed.tell();
    expect(state.revoked).toEqual([entry.id]);
    // What was read before it was told does not show it.
    expect(owed.over(shared).entries[0]?.revoked).toBe(2000);
    const later = { ...shared, entries: [{ ...entry, revoked: 2000 }] };
    owed.told(told, later);
    expect(owed.owes()).toBe(false);
    expect(owed.over(later)).toBe(later);
  });

  it('is refused where no such key is in force, or the store objects', async () => {
    const { state, owed } = scene();
    state.wrong = new Error('it does not answer');
    await expect(owed.revoke('nobody', 2000)).rejects.toThrow('it does not answer');
    state.wrong = new KeyObjection('over', 'it is over');
    await expect(owed.revoke(entry.id, 2000)).rejects.toThrow('it is over');
    expect(owed.owes()).toBe(false);
  });

  it('holds where an emptied store knows no such key, and is over once another is filled', async () => {
    const { state, owed } = scene();
    state.wrong = new KeyObjection('unknown', 'no such key');
    await owed.revoke(entry.id, 2000);
    expect(owed.owes(entry.id)).toBe(true);
    owed.told(await owed.tell(), { ...shared, entries: [] });
    expect(owed.owes()).toBe(false);
  });

  it('holds on where the key counts by what is read after it was told', async () => {
    const { state, owed } = scene();
    state.wrong = new KeyObjection('unknown', 'no such key');
    await owed.revoke(entry.id, 2000);
    // The store is brought back from a copy between the two.
    owed.told(await owed.tell(), shared);
    expect(owed.owes(entry.id)).toBe(true);
    expect(owed.over(shared).entries[0]?.revoked).toBe(2000);
    state.wrong = null;
    const told = await owed.tell();
    expect(state.revoked).toEqual([entry.id]);
    owed.told(told, { ...shared, entries: [{ ...entry, revoked: 2000 }] });
    expect(owed.owes()).toBe(false);
  });

  it('takes one from a process beside this, and keeps the earlier of two', async () => {
    const { state, owed } = scene();
    state.wrong = new Error('it does not answer');
    owed.take({ id: entry.id, at: 2000 });
    expect(await owed.revoke(entry.id, 3000)).toMatchObject({ revoked: 2000 });
  });
});
