import type { Protocol } from '../catalog/operation.ts';

/** What the gateway may present to one database, as configured. */
export interface Credentials {
  readonly primary: string;
  /** The one to go to while the first is replaced; null: none. */
  readonly secondary: string | null;
}

/** The header fields that carry a credential, on each protocol. */
export type CredentialFields = Readonly<Record<Protocol, readonly string[]>>;

/** Which credential: one that is configured, or the one that was in force before. */
export type CredentialName = 'primary' | 'secondary' | 'previous';

/** Why a credential was tried: somebody asked, it was read anew, the database refused the other. */
export type CredentialCause = 'command' | 'reload' | 'refusal';

/** Something that became of a credential; it never holds one. */
export interface CredentialEvent {
  readonly event: 'tested' | 'rotated' | 'rolled-back' | 'refused';
  readonly credential: CredentialName;
  readonly cause: CredentialCause;
  /** Why the database did not take it; null: it did. */
  readonly reason: string | null;
}

/** How the credentials of one upstream do. */
export interface CredentialState {
  readonly inForce: CredentialName;
  /** ISO 8601. */
  readonly since: string;
  /** Whether there is a second one to switch to, and one to roll back to. */
  readonly secondary: boolean;
  readonly previous: boolean;
  /** Why the last one that was to come into force did not; null: it did. */
  readonly failure: { readonly at: string; readonly reason: string } | null;
}

/** What a database said to one credential. */
export interface CredentialTest {
  readonly credential: CredentialName;
  readonly accepted: boolean;
  readonly reason: string | null;
}

/** The credentials of one upstream: none comes into force that the database has not just taken. */
export interface CredentialKeeper {
  /** The header fields of the one in force; the same object until another is. */
  fields(): CredentialFields;
  readonly state: CredentialState;
  /** Shows each that is configured, and the one before, to the database. */
  test(): Promise<readonly CredentialTest[]>;
  /** Goes to the other one that is configured. Rejects with an `Error` for people. */
  switch(): Promise<void>;
  /** Goes back to the one that was in force before. Rejects with an `Error` for people. */
  rollback(): Promise<void>;
  /** Takes what was read anew. Where the one in force was replaced, the new one comes into force if
   * the database takes it; else the old one stays, and the new one is tried again and again. */
  offer(next: Credentials): Promise<void>;
  /** Tries nothing any more by itself. */
  close(): void;
  /** Says that the database did not take these fields. Whether another that is configured is in
   * force by now. */
  refused(fields: CredentialFields): Promise<boolean>;
}

/** What credentials are kept with. */
export interface CredentialOptions {
  readonly configured: Credentials;
  /** The header fields that carry a secret. */
  fieldsOf(secret: string): CredentialFields;
  /** Asks the database something that it answers to nobody else. Rejects where it does not. */
  trial(fields: CredentialFields): Promise<unknown>;
  told(event: CredentialEvent): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Does something once, so many milliseconds later; gives what calls that off. */
  later(act: () => void, wait: number): () => void;
}

const firstWait = 1000;
const longestWait = 60_000;

/**
 * Keeps the credentials of one upstream, with the primary in force. Whatever is done to them is
 * done one after the other; a request takes what is in force at its beginning and is not disturbed.
 */
export function keepCredentials(options: CredentialOptions): CredentialKeeper {
  return new Keeper(options);
}

class Keeper implements CredentialKeeper {
  readonly #options: CredentialOptions;
  #configured: Credentials;
  #secret: string;
  #fields: CredentialFields;
  #previous: string | null = null;
  #since: number;
  #failure: CredentialState['failure'] = null;
  /** Calls off what is to be tried again. */
  #callOff: () => void = () => {};
  #turn: Promise<unknown> = Promise.resolve();
  /** Whether the log was told already that the one in force is refused. */
  #refusalTold = false;

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#configured = options.configured;
    this.#secret = options.configured.primary;
    this.#fields = options.fieldsOf(this.#secret);
    this.#since = options.now();
  }

  fields(): CredentialFields {
    return this.#fields;
  }

  get state(): CredentialState {
    return {
      inForce: this.#nameOf(this.#secret),
      since: new Date(this.#since).toISOString(),
      secondary: this.#configured.secondary !== null,
      previous: this.#previous !== null,
      failure: this.#failure,
    };
  }

  test(): Promise<readonly CredentialTest[]> {
    return this.#inTurn(async () => {
      const tests: CredentialTest[] = [];
      for (const secret of this.#known()) {
        const reason = await this.#objection(secret);
        const credential = this.#nameOf(secret);
        tests.push({ credential, accepted: reason === null, reason });
        this.#options.told({ event: 'tested', credential, cause: 'command', reason });
      }
      return tests;
    });
  }

  switch(): Promise<void> {
    return this.#inTurn(async () => {
      const { primary, secondary } = this.#configured;
      if (secondary === null) throw new Error('there is no secondary credential to switch to');
      const next = this.#secret === primary ? secondary : primary;
      await this.#adopt(next, 'command', 'rotated');
    });
  }

  rollback(): Promise<void> {
    return this.#inTurn(async () => {
      const previous = this.#previous;
      if (previous === null) throw new Error('no other credential was in force before');
      await this.#adopt(previous, 'command', 'rolled-back');
    });
  }

  offer(next: Credentials): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#configured;
      const used = this.#nameOf(this.#secret);
      this.#configured = next;
      const same = next.primary === before.primary && next.secondary === before.secondary;
      if (same && this.#failure === null) return;
      const wanted = used === 'secondary' ? (next.secondary ?? next.primary) : next.primary;
      if (wanted === this.#secret) this.#settle();
      else await this.#adopt(wanted, 'reload', 'rotated');
    });
  }

  close(): void {
    this.#callOff();
  }

  refused(fields: CredentialFields): Promise<boolean> {
    return this.#inTurn(async () => {
      if (fields !== this.#fields) return true;
      this.#tellRefusal();
      const { primary, secondary } = this.#configured;
      for (const secret of [primary, secondary ?? primary]) {
        if (secret === this.#secret || (await this.#objection(secret)) !== null) continue;
        this.#take(secret, 'refusal', 'rotated');
        return true;
      }
      return false;
    });
  }

  #tellRefusal(): void {
    if (this.#refusalTold) return;
    this.#refusalTold = true;
    const credential = this.#nameOf(this.#secret);
    const reason = 'the database does not take it any more';
    this.#options.told({ event: 'refused', credential, cause: 'refusal', reason });
  }

  async #adopt(
    secret: string,
    cause: CredentialCause,
    event: 'rotated' | 'rolled-back',
  ): Promise<void> {
    const reason = await this.#objection(secret);
    if (reason === null) return this.#take(secret, cause, event);
    if (cause === 'reload') {
      this.#fail(reason);
      this.#tryLater(secret, firstWait);
    }
    const credential = this.#nameOf(secret);
    this.#options.told({ event: 'refused', credential, cause, reason });
    throw new Error(`the ${credential} credential was not taken, the present one stays: ${reason}`);
  }

  /** Tried again without a word until the database takes it, or something else comes into force. */
  #tryLater(secret: string, wait: number): void {
    this.#callOff();
    const tryAgain = async () => {
      if (this.#failure === null || secret === this.#secret) return;
      const reason = await this.#objection(secret);
      if (reason === null) return this.#take(secret, 'reload', 'rotated');
      this.#fail(reason);
      this.#tryLater(secret, Math.min(wait * 2, longestWait));
    };
    this.#callOff = this.#options.later(() => void this.#inTurn(tryAgain), wait);
  }

  #fail(reason: string): void {
    this.#failure = { at: new Date(this.#options.now()).toISOString(), reason };
  }

  #settle(): void {
    this.#failure = null;
    this.#callOff();
  }

  #take(secret: string, cause: CredentialCause, event: 'rotated' | 'rolled-back'): void {
    this.#previous = this.#secret;
    this.#secret = secret;
    this.#fields = this.#options.fieldsOf(secret);
    this.#since = this.#options.now();
    this.#settle();
    this.#refusalTold = false;
    this.#options.told({ event, credential: this.#nameOf(secret), cause, reason: null });
  }

  /** Why the database does not take a secret; null: it does. */
  async #objection(secret: string): Promise<string | null> {
    try {
      await this.#options.trial(this.#options.fieldsOf(secret));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #known(): readonly string[] {
    const { primary, secondary } = this.#configured;
    const all = [primary, secondary, this.#secret, this.#previous];
    return [...new Set(all.filter((secret) => secret !== null))];
  }

  #nameOf(secret: string): CredentialName {
    if (secret === this.#configured.primary) return 'primary';
    return secret === this.#configured.secondary ? 'secondary' : 'previous';
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
