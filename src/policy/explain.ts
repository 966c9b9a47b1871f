import type { Action, Extent, Operation, Reference } from '../catalog/operation.ts';
import type { Decision, Grants } from './decision.ts';
import type { Ground } from './language.ts';

/** A question to the judge: may this operation be done, on these collections or database-wide? */
export interface Asked {
  /** `points.query` */
  readonly operation: string;
  /** Empty: database-wide. */
  readonly collections: readonly Reference[];
  /** The database that they are in; null: the default one, or the product has none. */
  readonly database: string | null;
}

/** One need and what was said of it. */
export interface ExplainedNeed {
  readonly action: Action;
  /** The database it is about; absent where it is the server, or the product has none. */
  readonly database?: string;
  readonly collection: string | null;
  readonly effect: Decision['effect'];
  readonly rule: string | null;
  /** Every limit that counts for it; absent where there is none. */
  readonly limits?: readonly ExplainedLimit[];
  /** What its answer may carry; absent where nothing limits it. */
  readonly carries?: Extent;
}

/** One limit as somebody may read it: so many units in so many seconds; null: under way. */
export interface ExplainedLimit {
  /** `search.requests` */
  readonly name: string;
  readonly units: number;
  readonly seconds: number | null;
  readonly burst: number;
  /** What becomes of a sweep, whose units are parts of 10,000 of the collection; absent of all
   * else. */
  readonly exceed?: 'alarm' | 'stop';
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
export function explain(grants: Grants, ground: Ground, asked: Asked): Explanation {
  const operation = operationAsked(ground, asked);
  const { action } = operation;
  const database = databaseAsked(ground, operation, asked);
  if (action === 'public') return { effect: 'allow', rule: null, needs: [] };
  const collections = asked.collections.length === 0 ? [null] : asked.collections;
  const on = (collection: Reference | null, inside: string | null): ExplainedNeed => {
    const decision = grants.decide({ operation, action, collection, database: inside });
    const { effect, rule } = decision;
    const where = inside === null ? {} : { database: inside };
    const about = { ...where, collection: collection?.resolved ?? null };
    return { action, ...about, effect, rule, ...limitsOf(decision) };
  };
  const needs = collections.map((collection) => on(collection, database));
  if (operation.beyond && asked.collections.length > 0) needs.push(on(null, null));
  const decided = needs.find((need) => need.effect === 'deny') ?? needs[0];
  return { effect: decided?.effect ?? 'deny', rule: decided?.rule ?? null, needs };
}

function limitsOf({ quotas = [], extent }: Decision): Pick<ExplainedNeed, 'limits' | 'carries'> {
  const limits = quotas.map(({ name, units, period, burst, sweep }) => {
    const seconds = period === 0 ? null : period / 1000;
    return { name, units, seconds, burst, ...(sweep ? { exceed: sweep.exceed } : {}) };
  });
  return { ...(limits.length > 0 ? { limits } : {}), ...(extent ? { carries: extent } : {}) };
}

/** Actions whose operations are always done on a collection. */
const onCollections: ReadonlySet<Action> = new Set(['read', 'write', 'schema', 'export']);

/**
 * The row that a question is about: of several by one name, one that can pass. Throws `RangeError`
 * where there is none, where it is done on a collection and none is named, or where a database is
 * named that cannot be.
 */
export function operationAsked(ground: Ground, asked: Asked): Operation {
  const name = asked.operation;
  const rows = ground.operations.filter((operation) => operation.name === name);
  const row = rows.find((each) => each.action !== 'never') ?? rows[0];
  if (!row) {
    const shown = JSON.stringify(name);
    throw new RangeError(`no operation is called ${shown}; run vectorgate catalog list to see all`);
  }
  if (asked.collections.length === 0 && onCollections.has(row.action)) {
    throw new RangeError(`${name} is done on a collection; name one`);
  }
  databaseAsked(ground, row, asked);
  return row;
}

/** The database inside that a question is about; null: the whole server, or there is none. Throws
 * `RangeError` where one is named that cannot be. */
function databaseAsked({ defaultDatabase }: Ground, row: Operation, asked: Asked): string | null {
  const within = row.inDatabase === true || asked.collections.length > 0;
  if (defaultDatabase !== undefined && within) return asked.database ?? defaultDatabase;
  if (asked.database === null) return null;
  throw new RangeError(
    defaultDatabase === undefined
      ? 'there are no databases inside this database; leave it out'
      : `${row.name} is about the whole server; leave the database out`,
  );
}
