import { z } from 'zod';

const text = z.string();
const call = z.int();
const units = z.number();

const quota = z.strictObject({
  ...{ key: text, name: text, scope: text },
  measure: z.enum(['requests', 'points', 'bytes', 'sweep']),
  ...{ units, period: units, burst: units },
});
const asks = z.array(z.strictObject({ quota, units, owed: units }));
const grants = z.array(z.strictObject({ units, left: units, lasts: units }));

/** Where a gateway listens; what it does not listen on is null. */
const bound = z.strictObject({
  upstreams: z.array(z.strictObject({ name: text, http: text, grpc: text })).readonly(),
  admin: text.nullable(),
  health: text.nullable(),
});

const question = z.discriminatedUnion('about', [
  z.strictObject({ about: z.literal('status') }),
  z.strictObject({ about: z.literal('metrics') }),
  z.strictObject({ about: z.literal('reload'), part: text.nullable() }),
  z.strictObject({
    about: z.literal('credentials'),
    action: z.enum(['status', 'test', 'switch', 'rollback']),
    upstream: text.nullable(),
  }),
]);

const crew = z.strictObject({
  count: z.int(),
  workers: z.array(z.strictObject({ id: text, pid: z.int(), ready: z.boolean() })),
  restarts: z.int(),
});

/** What a worker says to its parent. `call` numbers what is to be answered. */
export const fromWorker = z.discriminatedUnion('kind', [
  /** It is about to serve: from now on it hears everything. */
  z.strictObject({ kind: z.literal('join'), call }),
  z.strictObject({ kind: z.literal('serving'), bound }),
  z.strictObject({ kind: z.literal('standing'), ready: z.boolean() }),
  z.strictObject({ kind: z.literal('take'), call, upstream: text, asks }),
  z.strictObject({ kind: z.literal('giveBack'), upstream: text, quota, units }),
  z.strictObject({ kind: z.literal('claim'), call, topic: text, change: text, lasts: units }),
  z.strictObject({ kind: z.literal('release'), topic: text, change: text }),
  z.strictObject({ kind: z.literal('tell'), topic: text, message: text }),
  /** A question to all other workers. */
  z.strictObject({ kind: z.literal('ask'), call, question }),
  z.strictObject({ kind: z.literal('answer'), call, answer: z.unknown() }),
  /** An administrator wants the gateway to end. */
  z.strictObject({ kind: z.literal('drain') }),
]);

/** What the parent says to a worker. */
export const fromParent = z.discriminatedUnion('kind', [
  /** The first thing it hears. `configuration`: the text that all of them serve, whatever the file
   * has come to say. `died`: how its forerunner ended; null: it had none. */
  z.strictObject({
    kind: z.literal('begin'),
    configuration: text,
    ...{ id: text, crew, bound: bound.nullable(), died: text.nullable(), leads: z.boolean() },
  }),
  z.strictObject({ kind: z.literal('joined'), call }),
  z.strictObject({ kind: z.literal('crew'), crew }),
  /** The admin and health ports are its own from now on. */
  z.strictObject({ kind: z.literal('lead') }),
  z.strictObject({ kind: z.literal('granted'), call, grants }),
  z.strictObject({ kind: z.literal('claimed'), call, present: z.array(text) }),
  z.strictObject({ kind: z.literal('told'), topic: text, message: text }),
  z.strictObject({ kind: z.literal('asked'), call, question }),
  z.strictObject({ kind: z.literal('answered'), call, answers: z.array(z.unknown()) }),
  z.strictObject({ kind: z.literal('reload') }),
  z.strictObject({ kind: z.literal('stop') }),
]);

/** A word of a worker, validated. */
export type FromWorker = z.output<typeof fromWorker>;
/** A word of the parent, validated. */
export type FromParent = z.output<typeof fromParent>;
/** One of them. */
export type Said<K extends FromParent['kind']> = Extract<FromParent, { kind: K }>;
/** What a worker may ask the others. */
export type Question = z.output<typeof question>;
/** The workers there are, and how many there should be. */
export type Crew = z.output<typeof crew>;
/** Where the gateway listens, as really bound. */
export type WorkersBound = z.output<typeof bound>;
