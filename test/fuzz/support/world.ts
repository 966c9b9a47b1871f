import { newCollection } from '../../../src/demo/store/collection.ts';
import { configOf } from '../../../src/demo/store/collection-config.ts';
import type { Point } from '../../../src/demo/store/point.ts';
import type { Storage } from '../../../src/demo/store/storage.ts';
import type { NameKeeper } from '../../../src/proxy/upstream.ts';

/** The collection that nobody here may reach, unless an alias that is theirs leads to it. */
export const secret = 'sec';
const collections = ['pub', 'pub2', secret];
/** `pubalias` looks like a public name and leads to the secret collection. */
const aliases = [
  ['pub_alias', 'pub'],
  ['sec_alias', secret],
  ['pubalias', secret],
] as const;

/** A new world, as the demo database stores it: two points in each collection. */
export function newWorld(): Storage {
  const vectors = { size: 2, distance: 'Dot', more: new Map() } as const;
  const given = { vectors, sparse: new Map(), sections: new Map() };
  const storage: Storage = {
    collections: new Map(),
    aliases: new Map(aliases),
    snapshots: new Map(),
    snapshotBytes: 64,
  };
  for (const name of collections) {
    const collection = newCollection(name, configOf(given));
    for (const id of [1, 2]) collection.points.set(id, pointOf(id, name));
    collection.order = undefined;
    storage.collections.set(name, collection);
  }
  return storage;
}

function pointOf(id: number, name: string): Point {
  const vectors = new Map([['', Float32Array.of(1, id)]]);
  return { id, version: 0, payload: new Map([['k', `payload of ${name}`]]), vectors };
}

/** What names mean in a world now, exactly. */
export function namesIn(storage: Storage): NameKeeper {
  return {
    resolve: (name) => storage.aliases.get(name) ?? name,
    isAlias: (name) => storage.aliases.has(name),
    isCollection: (name) => storage.collections.has(name),
    withId: () => null,
    settled: () => null,
    changing: () => ({ ready: null, done: () => undefined }),
    using: () => () => undefined,
  };
}

/** Everything about the secret collection that a request could have changed. */
export function stateOfSecret({ collections: all, aliases: table }: Storage): unknown {
  const found = all.get(secret);
  return {
    operations: found?.operations,
    snapshots: found?.snapshots.size,
    points: [...(found?.points.values() ?? [])].map(({ id, version }) => [id, version]),
    aliases: [...table].filter(([, of]) => of === secret).map(([alias]) => alias),
    shadows: [...table.keys()].filter((alias) => all.has(alias)),
  };
}
