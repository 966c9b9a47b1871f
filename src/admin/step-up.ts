import { Refusal } from '../refusal.ts';
import type { Caller } from './administrator.ts';
import type { Asked } from './port.ts';

/** A login may seem to lie ahead by as much as clocks differ. */
const skew = 30_000;
const codeField = 'x-vectorgate-code';

/**
 * Refuses a caller who has not proved lately who they are: by a login, by the handshake of this
 * very connection, or by a one-time code sent with the call. Rejects with `Refusal`
 * not-authenticated, which asks for a new login as RFC 9470 does, and store-unavailable where
 * gateways that take codes together cannot.
 */
export async function requireFresh(
  caller: Caller,
  asked: Asked,
  minutes: number,
  now: number,
): Promise<void> {
  const longest = minutes * 60_000;
  const { provenAt, confirm } = caller;
  if (confirm) {
    const objection = await confirm(fieldOf(asked.rawHeaders, codeField), now);
    if (objection !== null) throw stale(objection, longest);
    return;
  }
  const age = provenAt === null ? null : now - provenAt;
  if (age !== null && age <= longest && age >= -skew) return;
  const { kind } = caller.administrator;
  if (kind === 'certificate') {
    throw stale(`the handshake is older than ${minutes} minutes; connect again`, longest);
  }
  if (kind === 'token') throw stale('a token alone changes no keys', longest);
  throw stale(`the login is older than ${minutes} minutes, or not told; log in again`, longest);
}

function stale(reason: string, longest: number): Refusal {
  return new Refusal('not-authenticated', reason, {
    told: `This call asks for a fresh credential: ${reason}`,
    challenge:
      'Bearer error="insufficient_user_authentication", ' +
      `error_description="A fresh credential is required", max_age="${longest / 1000}"`,
  });
}

function fieldOf(rawHeaders: readonly string[], name: string): string {
  const values = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name,
  );
  return values.length === 1 ? (values[0] ?? '') : '';
}
