import {
  aliasMethods,
  clusterMethods,
  collectionMethods,
  schemaMethods,
  snapshotMethods,
} from './collection-methods.ts';
import type { Method, Methods } from './method.ts';
import { changeMethods, retrieveMethods, searchMethods } from './point-methods.ts';
import { serviceMethods } from './service-methods.ts';

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
