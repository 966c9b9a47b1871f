import type { Config } from '../config/config.ts';
import type { PreparedUpstream } from '../gateway/prepare.ts';
import { adminPlace, runningDoor } from './admin-door.ts';
import { askAdmin } from './ask-admin.ts';
import type { Finding } from './finding.ts';
import type { VerbInput } from './verb.ts';

/** What to show each database in place of the gateway. */
export interface Presented {
  /** To be tried in turn: the one that is in force, or all that are configured, the primary first;
   * empty where none is. */
  secretsOf(upstream: PreparedUpstream): readonly string[];
  /** Why a gateway that runs did not tell which is in force. */
  readonly findings: readonly Finding[];
}

/** Asks the gateway that runs, where one does, which credential it presents to each database.
 * Throws `BadUsage` and file system errors for what the command line names. */
export async function presentedCredentials(
  values: VerbInput['values'],
  { admin, upstreams }: Pick<Config, 'admin' | 'upstreams'>,
): Promise<Presented> {
  const rival = upstreams.some(({ credential }) => credential && credential.secondary !== null);
  const door = rival && admin ? await runningDoor(adminPlace(values)) : null;
  if (!door) return presented(new Map(), []);
  try {
    const shown = { ...door, token: door.token ?? admin?.token ?? null };
    const answer = await askAdmin(shown, { method: 'GET', target: '/credentials' });
    return presented(inForceOf(answer), []);
  } catch (error) {
    const message = `which credential is in force is not known: ${(error as Error).message}`;
    const remedy =
      'Show a token that may look; until then the primary is tried, then the secondary';
    return presented(new Map(), [{ id: 'credential.unknown', severity: 'low', message, remedy }]);
  }
}

/** Asks with each secret in turn until an answer is as wanted, and gives the last. */
export async function askInTurn<T>(
  [first, ...others]: readonly string[],
  ask: (secret: string | undefined) => Promise<T>,
  wanted: (answer: T) => boolean,
): Promise<T> {
  let answer = await ask(first);
  for (const secret of others) {
    if (wanted(answer)) break;
    answer = await ask(secret);
  }
  return answer;
}

/** The names of the credentials in force by upstream, of an answer to `GET /credentials`. */
function inForceOf(answer: unknown): ReadonlyMap<string, string> {
  const { upstreams } = Object(answer) as { upstreams?: unknown };
  const reports: readonly { upstream?: unknown; state?: { inForce?: unknown } | null }[] =
    Array.isArray(upstreams) ? upstreams : [];
  return new Map(
    reports.map(({ upstream, state }) => [String(upstream), String(state?.inForce)] as const),
  );
}

function presented(inForce: ReadonlyMap<string, string>, findings: readonly Finding[]): Presented {
  return {
    findings,
    secretsOf: ({ config: { name, credential } }) => {
      if (!credential) return [];
      const { primary, secondary } = credential;
      const known = inForce.get(name);
      if (known === 'primary' || secondary === null) return [primary];
      return known === 'secondary' ? [secondary] : [primary, secondary];
    },
  };
}
