import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { makeAdminToken } from '../admin/admin-token.ts';
import { replaceFile } from '../identity/keys/replace-file.ts';
import { readSecretFile } from '../secret-file.ts';

/**
 * The shared token of a file, mode 0600, which is made where it is not there yet; the token itself
 * is told to nobody. It is read at each use, so that another one counts at once; null while the
 * file cannot be read. Throws `Error` for people where it cannot be read or made now.
 */
export function keepTokenFile(path: string, log: Logger): () => string | null {
  if (!existsSync(path)) {
    replaceFile(path, `${makeAdminToken()}\n`);
    log.warn({ path }, 'made the shared admin token; keep its file for emergencies');
  }
  tokenIn(path);
  return () => {
    try {
      return tokenIn(path);
    } catch (error) {
      log.error({ err: error }, 'the shared admin token cannot be read');
      return null;
    }
  };
}

const shortest = 16;

function tokenIn(path: string): string {
  const token = readSecretFile(path).toString('utf8').trim();
  if (token.length >= shortest && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(`${path} holds no token of 16 characters or more; rm ${path} and start again`);
}
