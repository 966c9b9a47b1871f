import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Reference } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import type { Foundation } from '../../../src/demo/foundation.ts';
import { serveCall } from '../../../src/demo/grpc/call.ts';
import { framed } from '../../../src/demo/grpc/frames.ts';
import { Status } from '../../../src/demo/grpc/status.ts';
import type { Answer } from '../../../src/demo/http/answer.ts';
import type { Touch } from '../../../src/demo/observe.ts';
import { restHandler } from '../../../src/demo/rest/handler.ts';
import type { Storage } from '../../../src/demo/store/storage.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import { makeLimiter } from '../../../src/limits/limiter.ts';
import { makeTurns } from '../../../src/limits/turns.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import { authorise, screen } from '../../../src/policy/permit.ts';
import type { Exchange } from '../../../src/proxy/exchange.ts';
import { oneField } from '../../../src/proxy/fields.ts';
import type { Forwarder, Sink, UpstreamRequest } from '../../../src/proxy/forwarder.ts';
import { serve } from '../../../src/proxy/pipeline.ts';
import type { Upstream } from '../../../src/proxy/upstream.ts';
import type { Refusal } from '../../../src/refusal.ts';
import { handMade } from '../../support/pipeline.ts';
import { namesIn } from './world.ts';

/** A request as an edge would have read it. */
export interface Asked {
  readonly protocol: 'http' | 'grpc';
  readonly method: string;
  readonly target: string;
  readonly fields: readonly string[];
  /** On gRPC the one message, unframed. */
  readonly body: Buffer;
}

/** What became of one request. */
export interface Fate {
  readonly refusal: Refusal | null;
  readonly operation: string | null;
  /** What the intent in the log names; null where nothing was forwarded. */
  readonly judged: readonly Reference[] | null;
  readonly forwarded: UpstreamRequest | null;
  readonly touches: readonly Touch[];
  readonly status: number | null;
  readonly body: string;
}

/** What each principal may do, in the policy language. */
const turns = makeTurns({ carriesMany: () => false, now: () => 0 });

const rules = {
  own: `allow: [{ collections: [pub, pub2, pub_alias, "ghost*"], access: [ALL] }, { access: [observe] }]`,
  denied: `allow: [{ collections: ["pub*", "ghost*"], access: [ALL] }]\ndeny: [{ collections: [sec] }]`,
  aliased: `allow: [{ collections: ["pub*"], access: [ALL] }, { access: [observe] }]`,
};
const all = 'list, read, write, schema, export, observe, manage, admin';

/** Whoever asks. `own` names what it may use; `denied` may use what looks public, never `sec`;
 * `aliased` may use what looks public, and so what an alias of such a name leads to. */
export type Principal = keyof typeof rules;
export const principals = Object.keys(rules) as Principal[];

const policy = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'vectorgate-fuzz-'));
  for (const [role, text] of Object.entries(rules)) {
    writeFileSync(join(folder, `${role}.yaml`), `role: ${role}\n${text.replaceAll('ALL', all)}\n`);
  }
  const loaded = loadPolicy(folder, qdrant);
  rmSync(folder, { recursive: true });
  return loaded;
})();

const identities = Object.fromEntries(principals.map((name) => [name, identityOf(name)])) as Record<
  Principal,
  Identity
>;

function identityOf(name: string): Identity {
  return { kind: 'key', id: name, name, roles: [name], claims: {}, labels: {}, expires: null };
}

/** Sends a request through the whole pipeline to the database that holds this world. */
export async function pass(asked: Asked, who: Principal, storage: Storage): Promise<Fate> {
  const touches: Touch[] = [];
  const fate = {
    refusal: null as Refusal | null,
    operation: null as string | null,
    judged: null as readonly Reference[] | null,
    forwarded: null as UpstreamRequest | null,
  };
  const foundation: Foundation = { storage, keys: keysOf(), onTouch: (one) => touches.push(one) };
  const send = (request: UpstreamRequest) => {
    fate.forwarded = request;
  };
  const { exchange, heard } = handMade(asked.protocol, asked.target);
  const upstream: Upstream = {
    name: 'main',
    database: qdrant,
    facts: { version: '1.19.0' },
    names: namesIn(storage),
    authenticate: () => identities[who],
    judge: { screen, authorise },
    grantsFor: (identity) => policy.grantsFor(identity),
    limiter: makeLimiter({ now: () => 0 }),
    held: {
      held: 0,
      capacity: 1,
      open: () => ({ grow: () => undefined, release: () => undefined }),
    },
    admit: () => undefined,
    failures: { turns, fail: () => 0, hold: () => null, held: 0, alarms: 0 },
    audit: {
      begin: (_, { intent }) => {
        fate.operation = intent.operation.name;
        fate.judged = intent.needs.flatMap(({ collection }) => collection ?? []);
        return { attempt: () => undefined, end: () => undefined };
      },
      deny: ({ refusal, operation }) => {
        fate.refusal = refusal;
        fate.operation = operation?.name ?? null;
      },
    },
    credential: () => [],
    forwarders: {
      http: forwarder('http', send, (request) => answerRest(foundation, request)),
      grpc: forwarder('grpc', send, (request) => answerCall(foundation, request)),
    },
    passed: () => undefined,
  };
  await serve(received(asked, exchange), upstream);
  return { ...fate, touches, status: heard.status, body: heard.body };
}

function keysOf(): Foundation['keys'] {
  return { apiKey: undefined, readOnlyApiKey: undefined };
}

function received(asked: Asked, made: Exchange): Exchange {
  const { body } = asked;
  return {
    ...made,
    method: asked.method,
    target: asked.target,
    answer: made.answer,
    field: (name) => oneField(asked.fields, name),
    body: {
      declared: body.length,
      received: body.length,
      hold: () => body,
      stream: () => Readable.from([body]),
      discard: () => undefined,
    },
  };
}

type Reply = (request: UpstreamRequest) => Promise<[number, string[], Buffer, string[]]>;

function forwarder(
  protocol: Forwarder['protocol'],
  sent: (request: UpstreamRequest) => void,
  reply: Reply,
): Forwarder {
  const send = (request: UpstreamRequest, sink: Sink) => {
    sent(request);
    reply(request).then(
      ([status, fields, body, trailers]) => {
        sink.head(status, fields, body.length);
        if (body.length > 0) sink.data(body);
        sink.end(trailers);
      },
      (error: Error) => sink.fail(error, false),
    );
    return { resume: () => undefined, abort: () => undefined };
  };
  return { protocol, send, close: () => Promise.resolve() };
}

async function answerRest(foundation: Foundation, request: UpstreamRequest): ReturnType<Reply> {
  const body = await bytesOf(request.body);
  const chunks = (async function* () {
    yield body;
  })();
  const head = { ...request, minor: 1, headers: pairs(request.fields) };
  const state = { finished: true };
  const answer: Answer = await restHandler(foundation)(head, { chunks, state });
  const text = typeof answer.body === 'string' ? answer.body : `${answer.body.length} bytes`;
  return [answer.status, [], Buffer.from(text), []];
}

async function answerCall(foundation: Foundation, request: UpstreamRequest): ReturnType<Reply> {
  const { target, fields } = request;
  const body = framed(await bytesOf(request.body), false);
  try {
    const answer = await serveCall(foundation, target, pairs(fields), async () => body);
    return [200, [], framed(answer, false), ['grpc-status', '0']];
  } catch (error) {
    if (!(error instanceof Status)) throw error;
    return [200, ['grpc-status', String(error.code)], Buffer.alloc(0), []];
  }
}

async function bytesOf(body: UpstreamRequest['body']): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pairs(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, at) =>
    at % 2 === 0 ? [[name, fields[at + 1] as string] satisfies [string, string]] : [],
  );
}
