import type { StoreConfig } from './config.ts';
import { connectStore } from './connection.ts';
import { makeScript, runScript } from './script.ts';
import { beginStore, placesOf, type Store } from './store.ts';

/** A store in the hands of somebody who is no gateway. */
export interface Visit extends Pick<Store, 'place' | 'run'> {
  /** Whether it is empty: nobody has begun it. */
  empty(): Promise<boolean>;
  /** Begins it where it is empty. */
  begin(): Promise<void>;
  /** One setting of the server; null where it tells none. */
  setting(name: string): Promise<string | null>;
  close(): void;
}

const patience = 5000;

/** Visits a store. Rejects with an `Error` for people where it does not answer. */
export async function visitStore(config: StoreConfig): Promise<Visit> {
  const connection = connectStore(config);
  const { place, generation } = placesOf(config.prefix);
  let wrong = 'it does not answer';
  connection.on('error', (error: Error) => {
    wrong = error.message;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`the store cannot be reached: ${wrong}`)),
    patience,
  );
  connection.once('ready', resolve);
  try {
    await promise;
  } catch (error) {
    connection.disconnect();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    place,
    run: (script, keys, values) => runScript(connection, makeScript(script), keys, values),
    empty: async () => (await connection.exists(generation)) === 0,
    begin: async () => void (await beginStore(connection, config)),
    setting: async (name) => {
      const told = (await connection.config('GET', name).catch(() => null)) as string[] | null;
      return told?.[1] ?? null;
    },
    close: () => connection.disconnect(),
  };
}
