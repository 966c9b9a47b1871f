import { Refusal } from '../refusal.ts';

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** What a failed request to the database is to the caller. */
export function failureOf(error: Error): Refusal {
  if (error instanceof Refusal) return error;
  const code = 'code' in error ? String(error.code) : error.name;
  if (timeouts.has(code)) {
    return new Refusal('upstream-timeout', `the database is silent (${code})`, { cause: error });
  }
  const reason = `the connection to the database failed (${code}: ${error.message})`;
  return new Refusal('upstream-unreachable', reason, { cause: error });
}
