import type { HealthConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import { type OpenPort, openPort, type Reply, type Route, reply } from './port.ts';
import { type GatewayState, isReady } from './state.ts';
import { tokenOf } from './token.ts';

/** Opens the health port: plain HTTP for kubelets, load balancers and scrapers. Rejects where it
 * cannot bind. */
export function openHealth(
  config: HealthConfig,
  state: GatewayState,
  metrics: Metrics,
  onFault: (error: unknown) => void,
): Promise<OpenPort> {
  const routes: Route[] = [
    { method: 'GET', path: '/livez', token: null, answer: () => reply(200, 'alive') },
    { method: 'GET', path: '/readyz', token: null, answer: () => readiness(state) },
  ];
  if (config.metricsToken !== undefined) {
    routes.push({
      method: 'GET',
      path: '/metrics',
      token: tokenOf(config.metricsToken),
      answer: async () => ({
        status: 200,
        type: metrics.contentType,
        body: await metrics.text(),
      }),
    });
  }
  return openPort({ listen: config.listen, routes, token: null, onFault });
}

/** 200 or 503, in words that name nothing. */
export function readiness(state: GatewayState): Reply {
  return isReady(state) ? reply(200, 'ready') : reply(503, 'not ready');
}
