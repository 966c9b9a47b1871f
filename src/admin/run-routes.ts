import { z } from 'zod';
import type { Problem } from '../problem.ts';
import { type Reply, replyJson } from './port.ts';
import { type AdminRoute, adminRoute } from './route.ts';
import type { PartState } from './state.ts';

/** What `/policy/explain` asks: which rule decides what one key may do. */
export interface Question {
  /** Null: the only upstream. */
  readonly upstream: string | null;
  /** The id of the key. */
  readonly key: string;
  /** `points.query` */
  readonly operation: string;
  /** Null: a database-wide operation. */
  readonly collection: string | null;
  /** The database inside that holds it; null: the default one, or there is none. */
  readonly database: string | null;
}

/** What the admin port can have done with the gateway itself. */
export interface RunActions {
  /** The answer of `policy explain`. Throws `Objection` where the question names what is not
   * there. */
  explain(question: Question): unknown;
  /** The parts of the configuration that are in force. */
  parts(): readonly PartState[];
  /** Loads a part anew, or everything. Gives what stood against it; nothing where all of it is in
   * force. */
  reload(part: PartState['part'] | null): Promise<readonly Problem[]>;
  /** Begins to drain; the answer does not wait for the end. */
  drain(): void;
}

const question = z.strictObject({
  key: z.string('name a key: key=ID').min(1, 'name a key: key=ID'),
  operation: z.string('name an operation: operation=points.query').min(1, 'name an operation'),
  collection: z.string().min(1, 'name a collection, or leave it out').optional(),
  database: z.string().min(1, 'name a database, or leave it out').optional(),
  upstream: z.string().min(1, 'name an upstream, or leave it out').optional(),
});
const problems = z.looseObject({ ok: z.boolean(), problems: z.array(z.looseObject({})) });
const parts = z.array(z.looseObject({ part: z.string(), version: z.string() }));
const explanation = z.looseObject({ effect: z.enum(['allow', 'deny']) });
const reloads = {
  200: { description: 'All of it is in force', schema: problems },
  422: { description: 'What stood against it; what was in force stays', schema: problems },
};

/** Where the gateway's policies and issuers are seen, and the gateway is told to reload or
 * drain. */
export function runRoutes(actions: RunActions): readonly AdminRoute[] {
  return [...seenRoutes(actions), ...doneRoutes(actions)];
}

function seenRoutes(actions: RunActions): readonly AdminRoute[] {
  const seen = { method: 'GET', role: 'viewer' } as const;
  const inForce = (kind: PartState['part']) =>
    replyJson(
      200,
      actions.parts().filter(({ part }) => part === kind),
    );
  return [
    adminRoute({
      ...{ ...seen, name: 'issuers', path: '/issuers', summary: 'The issuers of tokens' },
      answers: { 200: { description: 'Each with the keys in force', schema: parts } },
      run: () => inForce('issuers'),
    }),
    adminRoute({
      ...{ ...seen, name: 'policy', path: '/policy', summary: 'The policies in force' },
      answers: { 200: { description: 'The version at each upstream', schema: parts } },
      run: () => inForce('policies'),
    }),
    adminRoute({
      ...{ ...seen, name: 'policy.explain', path: '/policy/explain' },
      summary: 'Which rule decides what a key may do',
      query: question,
      answers: { 200: { description: 'The rule', schema: explanation } },
      run: ({ query: { key, operation, collection = null, database = null, upstream = null } }) =>
        replyJson(200, actions.explain({ key, operation, collection, database, upstream })),
    }),
  ];
}

function doneRoutes(actions: RunActions): readonly AdminRoute[] {
  const done = { method: 'POST', role: 'operator' } as const;
  return [
    adminRoute({
      ...{ ...done, name: 'policy.reload', path: '/policy/reload' },
      ...{ summary: 'Load the policies anew', answers: reloads },
      run: async () => reloaded(await actions.reload('policies')),
    }),
    adminRoute({
      ...{ ...done, name: 'reload', path: '/reload', summary: 'Load everything anew' },
      answers: reloads,
      run: async () => reloaded(await actions.reload(null)),
    }),
    adminRoute({
      ...{ ...done, name: 'drain', path: '/drain' },
      summary: 'End once what is under way has ended',
      answers: { 202: { description: 'It begins', schema: z.strictObject({ ok: z.boolean() }) } },
      run: () => {
        actions.drain();
        return replyJson(202, { ok: true });
      },
    }),
  ];
}

function reloaded(found: readonly Problem[]): Reply {
  const ok = found.length === 0;
  return replyJson(ok ? 200 : 422, { ok, problems: found });
}
