import { aliasMethods } from './alias-methods.ts';
import { changeMethods } from './change-methods.ts';
import { clusterMethods } from './cluster-methods.ts';
import { collectionMethods } from './collection-methods.ts';
import type { Method, Methods } from './method.ts';
import { retrieveMethods } from './retrieve-methods.ts';
import { schemaMethods } from './schema-methods.ts';
import { searchMethods } from './search-methods.ts';
import { serviceMethods } from './service-methods.ts';
import { snapshotMethods } from './snapshot-methods.ts';

const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...serviceMethods,
    ...collectionMethods,
    ...aliasMethods,
    ...clusterMethods,
    ...schemaMethods,
    ...snapshotMethods,
    ...changeMethods,
    ...searchMethods,
    ...retrieveMethods,
  } satisfies Methods),
);

const services = new Set([...methods.keys()].map(serviceOf));

/** The method of a path, compared literally but for a query behind it. */
export function methodNamed(path: string): {
  readonly method: Method | undefined;
  readonly service: boolean;
} {
  const [name = ''] = path.split('?', 1);
  return { method: methods.get(name), service: services.has(serviceOf(name)) };
}

function serviceOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/'));
}
