import type { Audit } from '../audit/trail.ts';
import type { Database, OwnRequest } from '../catalog/database.ts';
import type { Names, Protocol } from '../catalog/operation.ts';
import type { Authenticator } from '../identity/identity.ts';
import type { ValueCondition } from '../identity/token-issuer.ts';
import type { Counts } from '../limits/counts.ts';
import type { Failures } from '../limits/failures.ts';
import type { HeldBytes } from '../limits/lease.ts';
import { makeLimiter } from '../limits/limiter.ts';
import type { Places } from '../limits/places.ts';
import type { Scarcity } from '../limits/scarce.ts';
import { makeSizes } from '../limits/sizes.ts';
import { makeSweepAlarms, type SweepAlarm, type SweepAlarms } from '../limits/sweep-alarms.ts';
import { makeTakings, type Takings } from '../limits/takings.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { authorise, screen } from '../policy/permit.ts';
import { holderOf } from '../policy/quota.ts';
import { ask, isNotTaken } from '../proxy/ask.ts';
import {
  type CredentialEvent,
  type CredentialKeeper,
  type Credentials,
  keepCredentials,
} from '../proxy/credentials.ts';
import type { Forwarder } from '../proxy/forwarder.ts';
import type { OwnedNameKeeper } from '../proxy/names.ts';
import { type Neighbours, shareNames } from '../proxy/shared-names.ts';
import type { Passed, Upstream } from '../proxy/upstream.ts';
import type { Store } from '../store/store.ts';
import { type WatchOptions, watchDatabase } from './database-watch.ts';

/** The parts one upstream is put together from. */
export interface UpstreamParts {
  readonly name: string;
  readonly database: Database;
  /** Null: the database asks for none. */
  readonly credential: Credentials | null;
  readonly policy: LoadedPolicy;
  /** Makes the authenticator, which may ask this database whether a token's condition holds. */
  readonly authenticate: (ask: (condition: ValueCondition) => Promise<boolean>) => Authenticator;
  readonly held: HeldBytes;
  /** What this upstream's limits are counted with, beside those of other gateways; left out where
   * this process counts alone. */
  readonly counts?: Counts | null;
  readonly failures: Failures;
  /** What is shared with other gateways; null: nothing. */
  readonly store: Store | null;
  /** The requests under way in other processes of this gateway; left out where there are none. */
  readonly places?: Places | null;
  /** What counts are scarce in other processes; left out where there are none. */
  readonly scarcity?: Scarcity | null;
  /** Told of each sweep that only alarms. */
  readonly swept: (alarm: SweepAlarm) => void;
  /** Who else stands before this database, in other processes; null: nobody. */
  readonly neighbours: Neighbours | null;
  readonly audit: (policyDigest: () => string) => Audit;
  readonly forwarders: Readonly<Record<Protocol, Forwarder>>;
  readonly passed: (passed: Passed) => void;
  readonly noticed: WatchOptions['noticed'];
  /** Told what becomes of credentials. */
  readonly credentialTold: (event: CredentialEvent) => void;
}

/** An upstream with the handles of whoever owns it. */
export interface OwnedUpstream {
  readonly upstream: Upstream;
  policy: LoadedPolicy;
  /** Null: the database asks for none. */
  readonly credentials: CredentialKeeper | null;
  readonly names: OwnedNameKeeper;
  readonly takings: Takings;
  readonly sweeps: SweepAlarms;
  readonly reachable: Readonly<Partial<Record<Protocol, boolean>>>;
  /** Asks the database for its names and version, now and from now on. Resolves after the first
   * answers, or failures. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Puts one upstream together. */
export function makeUpstream(parts: UpstreamParts): OwnedUpstream {
  const { name, database, forwarders, held, failures } = parts;
  const takings = makeTakings({ now: Date.now });
  const sweeps = makeSweepAlarms(Date.now, parts.swept);
  const credentials = credentialsOf(parts);
  const asked = asker(forwarders, credentials);
  const { names, facts, reachable, ...watch } = watchDatabase({
    database,
    ask: asked,
    noticed: (notice, wrong, detail) => parts.noticed(notice, wrong, { upstream: name, ...detail }),
  });
  const { store, neighbours, places = null } = parts;
  const shared = neighbours && shareNames({ names, upstream: name, neighbours, patience, now });
  const owned: OwnedUpstream = {
    policy: parts.policy,
    credentials,
    names,
    takings,
    sweeps,
    reachable,
    upstream: {
      ...{ name, database, facts, held, failures, forwarders },
      passed: (passed) => {
        count(takings, passed);
        parts.passed(passed);
      },
      names: shared ?? names,
      admit: (changes) => store?.admit(changes),
      authenticate: parts.authenticate((condition) =>
        valueExists(database, names, asked, condition),
      ),
      judge: { screen, authorise },
      grantsFor: (identity) => owned.policy.grantsFor(identity),
      audit: parts.audit(() => owned.policy.digest),
      credential: (protocol) => credentials?.fields()[protocol] ?? none,
      limiter: limiterOf(parts, sweeps, asked),
    },
    start: watch.start,
    close: async () => {
      credentials?.close();
      shared?.close();
      places?.close();
      watch.close();
      await Promise.all([forwarders.http.close(), forwarders.grpc.close()]);
    },
  };
  return owned;
}

const none: readonly string[] = [];
/** How long a change of names may wait for other gateways, in milliseconds: they wait for their own
 * requests as long as a gateway does. */
const patience = 11_000;
const now = () => performance.now();

function count(takings: Takings, { identity, taken }: Passed): void {
  if (identity && taken) takings.add(holderOf(identity), identity, taken);
}

function credentialsOf(parts: UpstreamParts): CredentialKeeper | null {
  const { database, forwarders, credential: configured } = parts;
  if (configured === null) return null;
  return keepCredentials({
    configured,
    fieldsOf: (secret) => ({
      http: database.credential(secret, 'http'),
      grpc: database.credential(secret, 'grpc'),
    }),
    trial: (fields) =>
      database.readNames((request) =>
        ask(forwarders[request.protocol], request, fields[request.protocol]),
      ),
    told: parts.credentialTold,
    now: Date.now,
    later: (act, wait) => {
      const timer = setTimeout(act, wait).unref();
      return () => clearTimeout(timer);
    },
  });
}

/** Asks with the credential in force; where the database takes it no more, once more with
 * another. */
function asker(
  forwarders: UpstreamParts['forwarders'],
  credentials: CredentialKeeper | null,
): (request: OwnRequest) => Promise<Buffer> {
  return async (request) => {
    const { protocol } = request;
    const forwarder = forwarders[protocol];
    if (credentials === null) return ask(forwarder, request, none);
    const fields = credentials.fields();
    try {
      return await ask(forwarder, request, fields[protocol]);
    } catch (error) {
      if (!isNotTaken(error) || !(await credentials.refused(fields))) throw error;
      return ask(forwarder, request, credentials.fields()[protocol]);
    }
  };
}

function limiterOf(
  { database, counts = null, places = null, scarcity = null }: UpstreamParts,
  sweeps: SweepAlarms,
  asked: (request: OwnRequest) => Promise<Buffer>,
) {
  const sweeping = { sizes: sizesIn(database, asked), alarm: sweeps.add };
  return makeLimiter({ now, shared: counts, places, scarcity, sweeping });
}

/** How many points collections have, as the database tells the gateway itself. */
function sizesIn(database: Database, asked: (request: OwnRequest) => Promise<Buffer>) {
  return makeSizes({
    sizeOf: (of) => database.readSize(asked, of.database, of.collection),
    now,
    after: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds).unref()),
  });
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
