import { aliasRoutes, clusterRoutes, collectionRoutes, schemaRoutes } from './collection-routes.ts';
import { changeRoutes, retrieveRoutes, searchRoutes } from './point-routes.ts';
import type { Route } from './route.ts';
import { serviceRoutes } from './service-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';

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
