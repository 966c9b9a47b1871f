import type { Action, Operation, Reference } from '../catalog/operation.ts';
import type { Decision, Grants } from './decision.ts';

/** A question to the judge: may this operation be done, on these collections or database-wide? */
export interface Asked {
  /** `points.query` */
  readonly operation: string;
  /** Empty: database-wide. */
  readonly collections: readonly Reference[];
}

/** One need and what was said of it. */
export interface ExplainedNeed {
  readonly action: Action;
  readonly collection: string | null;
  readonly effect: Decision['effect'];
  readonly rule: string | null;
}

/** The judge's answer: `rule` decided, or nothing spoke. */
export interface Explanation {
  readonly effect: Decision['effect'];
  readonly rule: string | null;
  readonly needs: readonly ExplainedNeed[];
}

/**
 * What the grants say of an operation, by the very function that judges requests. An operation that
 * is `public` needs nothing. Throws `RangeError` where the question names too little or what is not
 * there.
 */
export function explain(
  grants: Grants,
  operations: readonly Operation[],
  asked: Asked,
): Explanation {
  const operation = operationAsked(operations, asked);
  const { action } = operation;
  if (action === 'public') return { effect: 'allow', rule: null, needs: [] };
  const collections = asked.collections.length === 0 ? [null] : asked.collections;
  const needs = collections.map((collection) => {
    const { effect, rule } = grants.decide({ operation, action, collection, database: null });
    return { action, collection: collection?.resolved ?? null, effect, rule };
  });
  const decided = needs.find((need) => need.effect === 'deny') ?? needs[0];
  return { effect: decided?.effect ?? 'deny', rule: decided?.rule ?? null, needs };
}

/** Actions whose operations are always done on a collection. */
const onCollections: ReadonlySet<Action> = new Set(['read', 'write', 'schema', 'export']);

/**
 * The row that a question is about: of several by one name, one that can pass. Throws `RangeError`
 * where there is none, or where it is done on a collection and none is named.
 */
export function operationAsked(operations: readonly Operation[], asked: Asked): Operation {
  const name = asked.operation;
  const rows = operations.filter((operation) => operation.name === name);
  const row = rows.find((each) => each.action !== 'never') ?? rows[0];
  if (!row) {
    const shown = JSON.stringify(name);
    throw new RangeError(`no operation is called ${shown}; run vectorgate catalog list to see all`);
  }
  if (asked.collections.length === 0 && onCollections.has(row.action)) {
    throw new RangeError(`${name} is done on a collection; name one`);
  }
  return row;
}
