import { aliasRoutes } from './alias-routes.ts';
import { changeRoutes } from './change-routes.ts';
import { clusterRoutes } from './cluster-routes.ts';
import { collectionRoutes } from './collection-routes.ts';
import { retrieveRoutes } from './retrieve-routes.ts';
import type { Route } from './route.ts';
import { schemaRoutes } from './schema-routes.ts';
import { searchRoutes } from './search-routes.ts';
import { serviceRoutes } from './service-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { unbuiltRoutes } from './unbuilt-routes.ts';

/** All routes. */
export const routes: readonly Route[] = [
  ...serviceRoutes,
  ...aliasRoutes,
  ...collectionRoutes,
  ...schemaRoutes,
  ...clusterRoutes,
  ...searchRoutes,
  ...changeRoutes,
  ...snapshotRoutes,
  ...retrieveRoutes,
  ...unbuiltRoutes,
];

/** The first route that a method and a path fit, with the segments that stand for names. */
export function matchRoute(
  method: string,
  segments: readonly string[],
): { readonly route: Route; readonly captured: Readonly<Record<string, string>> } | undefined {
  for (const route of routes) {
    if (route.method !== method || route.segments.length !== segments.length) continue;
    const captured: Record<string, string> = {};
    const fits = route.segments.every((wanted, at) => {
      const segment = segments[at] ?? '';
      if (!wanted.startsWith('{')) return wanted === segment;
      captured[wanted.slice(1, -1)] = segment;
      // A name is never empty: slashes were merged before.
      return segment !== '';
    });
    if (fits) return { route, captured };
  }
  return undefined;
}
