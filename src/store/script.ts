import { createHash } from 'node:crypto';
import type { Connection } from './connection.ts';

/** A script that the store runs whole: nothing else happens in between. */
export interface Script {
  readonly text: string;
  readonly digest: string;
}

/** Makes a script of its text in Lua. */
export function makeScript(text: string): Script {
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}

/** Runs a script by its digest, and by its text where the store does not know it yet. Rejects with
 * what the store or the connection says. */
export async function runScript(
  connection: Connection,
  { text, digest }: Script,
  keys: readonly string[],
  values: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await connection.evalsha(digest, keys.length, ...keys, ...values).catch((error) => {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return connection.eval(text, keys.length, ...keys, ...values);
    });
  } catch (error) {
    // The client hangs the whole command on it, with values that belong in no log.
    if (error instanceof Error) Reflect.deleteProperty(error, 'command');
    throw error;
  }
}
