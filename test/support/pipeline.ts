import { Readable } from 'node:stream';
import type { Audit, Denied, Outcome, Trail } from '../../src/audit/trail.ts';
import type { Database } from '../../src/catalog/database.ts';
import type {
  Extent,
  Intent,
  Located,
  Need,
  Operation,
  Protocol,
} from '../../src/catalog/operation.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { makeLimiter } from '../../src/limits/limiter.ts';
import { makeTurns } from '../../src/limits/turns.ts';
import { authorise, screen } from '../../src/policy/permit.ts';
import type { Quota } from '../../src/policy/quota.ts';
import type { Exchange } from '../../src/proxy/exchange.ts';
import type { Forwarder, Sink, UpstreamRequest } from '../../src/proxy/forwarder.ts';
import type { Passed, Upstream } from '../../src/proxy/upstream.ts';
import { Refusal } from '../../src/refusal.ts';

/** What the caller saw. */
export interface Heard {
  status: number | null;
  fields: readonly string[];
  body: string;
  trailers: readonly string[];
  ended: 'whole' | 'reset' | null;
}

/** An exchange without a wire: what is asked is given, what is answered is kept. */
export interface HandMade {
  readonly exchange: Exchange;
  readonly heard: Heard;
  /** The caller goes away. */
  leave(): void;
  /** The caller reads on. */
  drain(): void;
  /** What `write` answers from now on. */
  full: boolean;
}

/** Makes an exchange by hand. */
export function handMade(protocol: Protocol = 'http', target = '/thing'): HandMade {
  const heard: Heard = { status: null, fields: [], body: '', trailers: [], ended: null };
  const gone: (() => void)[] = [];
  const drains: (() => void)[] = [];
  let left = false;
  const made: HandMade = {
    heard,
    full: false,
    leave: () => {
      left = true;
      for (const listener of gone) listener();
    },
    drain: () => {
      for (const listener of drains) listener();
    },
    exchange: {
      id: 'REQUEST',
      protocol,
      method: 'POST',
      target,
      startedAt: 0,
      deadline: null,
      objection: null,
      field: () => undefined,
      peer: {
        address: '10.0.0.7',
        port: 51034,
        version: 'TLSv1.3',
        serverName: null,
        certificate: null,
        client: null,
      },
      body: {
        declared: 4,
        received: 4,
        hold: (_cap, grow) => {
          grow(4);
          return Buffer.from('body');
        },
        stream: (tap) => Readable.from(tapped(tap)),
        discard: () => undefined,
      },
      answer: {
        get started() {
          return heard.status !== null;
        },
        get gone() {
          return left;
        },
        onGone: (listener) => gone.push(listener),
        onDrain: (listener) => drains.push(listener),
        head: (status, fields) => Object.assign(heard, { status, fields }),
        write: (chunk) => {
          heard.body += Buffer.from(chunk).toString('latin1');
          return !made.full;
        },
        end: (trailers, last) => {
          if (last) heard.body += Buffer.from(last).toString('latin1');
          Object.assign(heard, { trailers, ended: 'whole' });
        },
        whole: (status, fields, body) => {
          const text = Buffer.from(body).toString('latin1');
          Object.assign(heard, { status, fields, body: text, ended: 'whole' });
        },
        last: () => undefined,
        reset: () => Object.assign(heard, { ended: 'reset' }),
      },
    },
  };
  return made;
}

function* tapped(tap: (chunk: Buffer) => void): Generator<Buffer> {
  const chunk = Buffer.from('body');
  tap(chunk);
  yield chunk;
}

/** What one run of the pipeline met: in `steps` the order of what happened. */
export interface Stage {
  readonly upstream: Upstream;
  readonly steps: string[];
  readonly outcomes: Outcome[];
  readonly denials: Denied[];
  readonly passed: Passed[];
  readonly sent: { request: UpstreamRequest; sink: Sink; aborted: boolean }[];
}

/** What a test changes about the stage. */
export interface StageOptions {
  readonly operation?: Partial<Operation>;
  readonly located?: Partial<Located>;
  readonly identity?: Identity | Error;
  readonly allows?: (need: Need) => boolean;
  /** What else the intent tells; `body` of its request. */
  readonly intent?: Partial<Pick<Intent, 'points' | 'work' | 'needs'>> & { readonly body?: null };
  /** What answers may carry. */
  readonly extent?: Extent;
  /** What limits whatever is allowed. */
  readonly quotas?: readonly Quota[];
  readonly begin?: () => void | Promise<void>;
  readonly end?: () => void | Promise<void>;
}

const someone: Identity = {
  kind: 'key',
  id: 'k1',
  name: 'someone',
  roles: ['r'],
  claims: {},
  labels: {},
  expires: null,
};

/** An upstream whose parts are all in the test's hands. */
export function stage(options: StageOptions = {}): Stage {
  const steps: string[] = [];
  const outcomes: Outcome[] = [];
  const denials: Denied[] = [];
  const passed: Passed[] = [];
  const sent: Stage['sent'] = [];
  const operation: Operation = {
    name: 'thing.do',
    action: 'read',
    event: 'data.read',
    http: ['POST /thing'],
    grpc: [],
    everything: false,
    changes: false,
    renames: false,
    denial: () => 'Forbidden',
    ...options.operation,
  };
  const need: Need = {
    operation,
    action: operation.action,
    collection: { named: 'pub', resolved: 'pub' },
    database: null,
  };
  const located: Located = {
    operation,
    hold: 100,
    names: [],
    needs: () => [],
    read: () => ({
      names: ['pub'],
      intent: () => ({
        operation,
        needs: [need],
        request: { method: 'POST', target: '/thing', fields: [], body: bodyOf(options) },
        points: null,
        ...pointsOf(options),
        objection: null,
        instead: null,
      }),
    }),
    ...options.located,
  };
  const trail: Trail = {
    attempt: (number) => void steps.push(`attempt ${number}`),
    end: (outcome) => {
      steps.push('outcome');
      outcomes.push(outcome);
      return options.end?.();
    },
  };
  const audit: Audit = {
    begin: () => {
      steps.push('intent');
      const begun = options.begin?.();
      return begun instanceof Promise ? begun.then(() => trail) : trail;
    },
    deny: (denied) => {
      steps.push('denial');
      denials.push(denied);
    },
  };
  const forwarder: Forwarder = {
    protocol: 'http',
    send: (request, sink) => {
      steps.push('forward');
      const one = { request, sink, aborted: false };
      sent.push(one);
      return {
        resume: () => void steps.push('resume'),
        abort: () => {
          one.aborted = true;
        },
      };
    },
    close: () => Promise.resolve(),
  };
  const upstream: Upstream = {
    name: 'main',
    database: database(located),
    facts: { version: '1.0.0' },
    names: {
      resolve: (name) => name,
      isAlias: () => false,
      isCollection: () => true,
      withId: () => null,
      settled: () => null,
      using: () => () => undefined,
      changing: () => {
        steps.push('changing');
        return { ready: null, done: () => void steps.push('changed') };
      },
    },
    authenticate: () => {
      if (options.identity instanceof Error) throw options.identity;
      return options.identity ?? someone;
    },
    judge: { screen, authorise },
    grantsFor: () => ({
      decide: (asked) =>
        (options.allows?.(asked) ?? true)
          ? {
              effect: 'allow',
              rule: 'policies/r.yaml:1',
              quotas: options.quotas ?? [],
              ...extentOf(options),
            }
          : { effect: 'deny', rule: null },
      mayList: () => false,
      mayListDatabase: () => false,
      limiting: {
        quotas: options.quotas ?? [],
        confined: options.extent !== undefined,
        ruleQuotas: () => [],
      },
    }),
    held: {
      held: 0,
      capacity: 1000,
      open: () => ({ grow: () => undefined, release: () => void steps.push('let go') }),
    },
    admit: () => undefined,
    failures: {
      turns: makeTurns({ carriesMany: () => false, now: () => 0 }),
      fail: () => 0,
      hold: () => null,
      held: 0,
      alarms: 0,
    },
    limiter: makeLimiter({ now: () => 0 }),
    audit,
    credential: () => ['api-key', 'upstream-secret'],
    forwarders: { http: forwarder, grpc: { ...forwarder, protocol: 'grpc' } },
    passed: (one) => passed.push(one),
  };
  return { upstream, steps, outcomes, denials, passed, sent };
}

function extentOf({ extent }: StageOptions): { readonly extent?: Extent } {
  return extent ? { extent } : {};
}

function bodyOf({ intent }: StageOptions): Buffer | null {
  return intent?.body === null ? null : Buffer.from('body');
}

function pointsOf({ intent }: StageOptions): Partial<Pick<Intent, 'points' | 'work'>> {
  const { body: _body, ...told } = intent ?? {};
  return told;
}

function database(located: Located): Database {
  const request = { protocol: 'http', method: 'GET', target: '/', body: null } as const;
  return {
    name: 'qdrant',
    operations: [located.operation],
    knownVersion: '1.0.0',
    locate: (head) => {
      if (head.target === '/thing' || head.target === '/q.T/Thing') return located;
      throw new Refusal('unknown-operation', `no row for ${head.target}`);
    },
    credential: (secret) => ['api-key', secret],
    readAuthorization: () => null,
    attackIn: (head) =>
      head.field('x-attack') === undefined
        ? null
        : new Refusal('unreadable-request', 'an attack', { alert: 'attack' }),
    writeRefusal: (_protocol, refusal) => ({
      status: refusal.http,
      fields: ['x-vectorgate-refusal', refusal.code],
      body: Buffer.from(refusal.told),
    }),
    keyOf: (_database, name) => name,
    nameRequests: [request],
    readNames: async () => ({ aliases: new Map(), collections: new Set() }),
    readSize: async () => 100,
    versionRequest: request,
    readVersion: () => '1.0.0',
    probeRequest: request,
  };
}
