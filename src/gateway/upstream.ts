import type { Audit } from '../audit/trail.ts';
import type { Database, OwnRequest } from '../catalog/database.ts';
import type { Names, Protocol } from '../catalog/operation.ts';
import type { Authenticator } from '../identity/identity.ts';
import type { ValueCondition } from '../identity/token-issuer.ts';
import type { Failures } from '../limits/failures.ts';
import type { HeldBytes } from '../limits/lease.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { authorise, screen } from '../policy/permit.ts';
import { ask } from '../proxy/ask.ts';
import type { Forwarder } from '../proxy/forwarder.ts';
import type { OwnedNameKeeper } from '../proxy/names.ts';
import type { Passed, Upstream } from '../proxy/upstream.ts';
import { type WatchOptions, watchDatabase } from './database-watch.ts';

/** The parts one upstream is put together from. */
export interface UpstreamParts {
  readonly name: string;
  readonly database: Database;
  readonly credential: string | null;
  readonly policy: LoadedPolicy;
  /** Makes the authenticator, which may ask this database whether a token's condition holds. */
  readonly authenticate: (ask: (condition: ValueCondition) => Promise<boolean>) => Authenticator;
  readonly held: HeldBytes;
  readonly failures: Failures;
  readonly audit: (policyDigest: () => string) => Audit;
  readonly forwarders: Readonly<Record<Protocol, Forwarder>>;
  readonly passed: (passed: Passed) => void;
  readonly noticed: WatchOptions['noticed'];
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
  const { name, database, forwarders, held, failures, passed } = parts;
  const credentialOn = (protocol: Protocol) =>
    parts.credential === null ? [] : database.credential(parts.credential, protocol);
  const credentials = { http: credentialOn('http'), grpc: credentialOn('grpc') };
  const credential = (protocol: Protocol) => credentials[protocol];
  const asked = (request: OwnRequest) => {
    return ask(forwarders[request.protocol], request, credential(request.protocol));
  };
  const { names, facts, reachable, ...watch } = watchDatabase({
    database,
    ask: asked,
    noticed: (notice, wrong, detail) => parts.noticed(notice, wrong, { upstream: name, ...detail }),
  });
  const owned: OwnedUpstream = {
    policy: parts.policy,
    names,
    reachable,
    upstream: {
      ...{ name, database, facts, names, held, failures, forwarders, passed },
      authenticate: parts.authenticate((condition) =>
        valueExists(database, names, asked, condition),
      ),
      judge: { screen, authorise },
      grantsFor: (identity) => owned.policy.grantsFor(identity),
      audit: parts.audit(() => owned.policy.digest),
      credential,
    },
    start: watch.start,
    close: async () => {
      watch.close();
      await Promise.all([forwarders.http.close(), forwarders.grpc.close()]);
    },
  };
  return owned;
}

/** Whether what a token makes its condition is in the database now. */
async function valueExists(
  { valueRequest, readValueAnswer }: Database,
  names: Names,
  asked: (request: OwnRequest) => Promise<Buffer>,
  { collection, matches }: ValueCondition,
): Promise<boolean> {
  const resolved = names.resolve(collection);
  if (!valueRequest || !readValueAnswer || !names.isCollection(resolved)) return false;
  return readValueAnswer(await asked(valueRequest(resolved, matches)));
}
