import { qdrant } from '../../src/catalog/qdrant/database.ts';
import type { Claimant } from '../../src/identity/identity.ts';
import type { KeyEntry } from '../../src/identity/keys/entry.ts';
import { type MintedKey, mintKey } from '../../src/identity/keys/mint.ts';
import { Refusal } from '../../src/refusal.ts';

/** A request that offers these header fields, name by name; a list is a repeated header. */
export function claimant(
  fields: Readonly<Record<string, string | readonly string[]>>,
  peer: Partial<Claimant['peer']> = {},
): Claimant {
  return {
    field: (name) => {
      const value = fields[name];
      if (value === undefined || typeof value === 'string') return value;
      throw new Refusal('unreadable-request', `${name} is repeated`);
    },
    peer: { address: '127.0.0.1', certificate: null, client: null, ...peer },
  };
}

/** A key made now, with whatever the test needs different in its entry. */
export function minted(change: Partial<KeyEntry> = {}): MintedKey {
  const { key, entry } = mintKey({ name: 'rag-service', roles: ['search'] }, 0);
  return { key, entry: { ...entry, ...change } };
}

/** What was thrown as a refusal. Anything else is thrown on. */
export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** How the clients of one database write `authorization`. */
export const { readAuthorization } = qdrant;
