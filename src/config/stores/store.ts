/** What stands at one path of a store. */
export interface Secret {
  /** The whole of it, where it is one text. */
  readonly text: string | null;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** A place that secrets are fetched from. */
export interface SecretStore {
  /** Rejects with an `Error` for people, ending in what to do after `; `, which holds nothing that
   * the store answered. */
  read(path: string): Promise<Secret>;
  /** How long the present login lasts at most, in milliseconds. */
  readonly lease: number;
  close(): Promise<void>;
}

/** Where a reference leads: `vault:rag/qdrant#key`, `aws:rag/qdrant#key`, `aws:rag/qdrant`. */
export interface StoreReference {
  readonly store: 'vault' | 'aws';
  readonly path: string;
  /** Null: the secret is one text. */
  readonly key: string | null;
}

const vaultForm = /^vault:([\w.-]+(?:\/[\w.-]+)*)#([\w.-]+)$/;
const awsForm = /^aws:([\w/+=.@:-]{1,2048})(?:#([\w.-]+))?$/;

/** Reads a reference without its `${` and `}`. Null where it is not of the form, or climbs. */
export function readReference(text: string): StoreReference | null {
  const [, path, key] = vaultForm.exec(text) ?? [];
  if (path !== undefined && key !== undefined) {
    const climbs = path.split('/').some((step) => step === '.' || step === '..');
    return climbs ? null : { store: 'vault', path, key };
  }
  const [, name, field = null] = awsForm.exec(text) ?? [];
  return name === undefined ? null : { store: 'aws', path: name, key: field };
}
