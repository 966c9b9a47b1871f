import type { Plain } from './messages.ts';

/** A collection in memory: its schema, and its rows by their primary key as text. */
export interface DoubleCollection {
  readonly id: string;
  readonly schema: Plain;
  readonly rows: Map<string, ReadonlyMap<string, unknown>>;
  readonly indexes: Plain[];
  /** Its rows as they were, by the snapshot's name. */
  readonly snapshots: Map<string, DoubleSnapshot>;
  loaded: boolean;
  /** What else its creation said: its consistency level, its properties. */
  readonly made: Plain;
}

/** What a collection held when somebody looked. */
export interface DoubleSnapshot {
  readonly description: string;
  readonly rows: DoubleCollection['rows'];
}

/** One database of the double. */
export interface DoubleDatabase {
  readonly collections: Map<string, DoubleCollection>;
  /** What each alias leads to. */
  readonly aliases: Map<string, string>;
}

/** Everything a double holds. */
export type Store = Map<string, DoubleDatabase>;

/** A failure as Milvus tells it: in the status inside an answer. */
export class Failure extends Error {
  readonly code: number;
  readonly older: number;

  constructor(code: number, reason: string, older = 1) {
    super(reason);
    this.code = code;
    this.older = older;
  }
}

/** How a collection is touched. */
export type TouchKind = 'read' | 'write';

/** Notes that a collection of a database is touched, by its own name. */
export type Touch = (kind: TouchKind, database: string, name: string) => void;

let lastId = 470_644_951_726_686_266n;

/** An id as Milvus makes them: more than a double holds exactly. */
export function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

/** An empty database. */
export function emptyDatabase(): DoubleDatabase {
  return { collections: new Map(), aliases: new Map() };
}

/** Makes a collection of this schema. */
export function newCollection(schema: Plain, made: Plain = {}): DoubleCollection {
  return {
    id: nextId(),
    schema,
    rows: new Map(),
    indexes: [],
    snapshots: new Map(),
    loaded: false,
    made,
  };
}

/** Throws `Failure` as Milvus does. */
export function databaseOf(store: Store, name: string): DoubleDatabase {
  const found = store.get(name);
  if (!found) throw new Failure(800, `database not found[database=${name}]`);
  return found;
}

/** A collection by its name or an alias, which is looked up first; else by its id. Throws `Failure`. */
export function collectionOf(store: Store, database: string, name: string, id = '0') {
  const missing = () =>
    new Failure(
      100,
      `can't find collection collection not found[database=${database}][collection=${name}]`,
      1,
    );
  const held = store.get(database);
  if (!held) throw missing();
  if (name === '') {
    const all = [...store.values()].flatMap(({ collections }) => [...collections]);
    const byId = all.find(([, collection]) => collection.id === id);
    if (!byId) throw missing();
    return { name: byId[0], collection: byId[1], database: held };
  }
  const target = held.aliases.get(name) ?? name;
  const collection = held.collections.get(target);
  if (!collection) throw missing();
  return { name: target, collection, database: held };
}
