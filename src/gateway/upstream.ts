import type { Audit } from '../audit/trail.ts';
import type { Database, OwnRequest } from '../catalog/database.ts';
import type { Protocol } from '../catalog/operation.ts';
import type { Authenticator } from '../identity/identity.ts';
import type { ValueCondition } from '../identity/token-issuer.ts';
import type { HeldBytes } from '../limits/lease.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { authorise, screen } from '../policy/permit.ts';
import { ask } from '../proxy/ask.ts';
import type { Forwarder } from '../proxy/forwarder.ts';
import { keepNames, type OwnedNameKeeper } from '../proxy/names.ts';
import type { Passed, Upstream } from '../proxy/upstream.ts';

const namesEvery = 1000;
const versionEvery = 60_000;
const namesStaleAfter = 5000;
const changePatience = 10_000;

/** The parts one upstream is put together from. */
export interface UpstreamParts {
  readonly name: string;
  readonly database: Database;
  readonly credential: string | null;
  readonly policy: LoadedPolicy;
  /** Makes the authenticator, which may ask this database whether a token's condition holds. */
  readonly authenticate: (ask: (condition: ValueCondition) => Promise<boolean>) => Authenticator;
  readonly held: HeldBytes;
  readonly audit: (policyDigest: () => string) => Audit;
  readonly forwarders: Readonly<Record<Protocol, Forwarder>>;
  readonly passed: (passed: Passed) => void;
  /** Told when the database begins or ceases to answer, and of each new version; `wrong`: somebody
   * should look. */
  readonly noticed: (notice: string, wrong: boolean, detail: Record<string, unknown>) => void;
}

/** An upstream with the handles of whoever owns it. */
export interface OwnedUpstream {
  readonly upstream: Upstream;
  policy: LoadedPolicy;
  readonly names: OwnedNameKeeper;
  readonly reachable: Readonly<Record<Protocol, boolean>>;
  /** Asks the database for its names and version, now and from now on. Resolves after the first
   * answers, or failures. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Puts one upstream together. */
export function makeUpstream(parts: UpstreamParts): OwnedUpstream {
  const { database, forwarders } = parts;
  const facts: { version: string | null } = { version: null };
  const reachable: Record<Protocol, boolean> = { http: false, grpc: false };
  const credential = parts.credential === null ? [] : database.credential(parts.credential);
  const asked = (request: OwnRequest) => ask(forwarders[request.protocol], request, credential);
  const timers: NodeJS.Timeout[] = [];

  function found(protocol: Protocol, answers: boolean, error?: Error): void {
    if (reachable[protocol] === answers) return;
    reachable[protocol] = answers;
    const detail = { upstream: parts.name, protocol, reason: error?.message };
    parts.noticed(answers ? 'upstream reachable' : 'upstream unreachable', !answers, detail);
  }

  const names = keepNames({
    read: async () => {
      const table = database.readNames(await Promise.all(database.nameRequests.map(asked)));
      found('http', true);
      return table;
    },
    now: () => performance.now(),
    staleAfter: namesStaleAfter,
    patience: changePatience,
    failed: (error) => found('http', false, error),
  });

  async function valueExists({ collection, matches }: ValueCondition): Promise<boolean> {
    const { valueRequest, readValueAnswer } = database;
    const resolved = names.resolve(collection);
    if (!valueRequest || !readValueAnswer || !names.isCollection(resolved)) return false;
    return readValueAnswer(await asked(valueRequest(resolved, matches)));
  }

  async function readVersion(): Promise<void> {
    try {
      const version = database.readVersion(await asked(database.versionRequest));
      if (version !== facts.version) {
        const newer = isNewer(version, database.knownVersion);
        const detail = { upstream: parts.name, version, known: database.knownVersion };
        parts.noticed(newer ? 'upstream newer than the catalogue' : 'upstream', newer, detail);
      }
      facts.version = version;
    } catch {
      // The names, which are asked for each second, tell whether the database answers.
    }
  }

  async function probe(): Promise<void> {
    const request = database.probeRequest;
    await asked(request).then(
      () => found(request.protocol, true),
      (error) => found(request.protocol, false, error),
    );
  }

  const owned: OwnedUpstream = {
    policy: parts.policy,
    names,
    reachable,
    upstream: {
      name: parts.name,
      database,
      facts,
      names,
      authenticate: parts.authenticate(valueExists),
      judge: { screen, authorise },
      grantsFor: (identity) => owned.policy.grantsFor(identity),
      held: parts.held,
      audit: parts.audit(() => owned.policy.digest),
      credential: () => credential,
      forwarders,
      passed: parts.passed,
    },
    start: async () => {
      timers.push(
        every(namesEvery, () => names.refresh()),
        every(namesEvery, probe),
        every(versionEvery, readVersion),
      );
      await Promise.all([names.refresh(), probe(), readVersion()]);
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([forwarders.http.close(), forwarders.grpc.close()]);
    },
  };
  return owned;
}

/** Whether a version of three numbers comes after another. */
export function isNewer(version: string, known: string): boolean {
  const parts = (text: string) => text.split(/[.-]/).map(Number);
  const [mine, theirs] = [parts(version), parts(known)];
  for (let at = 0; at < 3; at++) {
    const [a = 0, b = 0] = [mine[at], theirs[at]];
    if (a !== b) return a > b;
  }
  return false;
}

/** Does something again and again, never twice at once. */
function every(interval: number, work: () => Promise<void>): NodeJS.Timeout {
  let running = false;
  return setInterval(() => {
    if (running) return;
    running = true;
    work().finally(() => {
      running = false;
    });
  }, interval);
}
