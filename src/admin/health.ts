import type { HealthConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import { type Asked, type OpenPort, openPort, type Reply, reply } from './port.ts';
import { type GatewayState, isReady } from './state.ts';
import { bearerOf, isToken, tokenOf } from './token.ts';

/** Opens the health port: plain HTTP for kubelets, load balancers and scrapers. Rejects where it
 * cannot bind. */
export function openHealth(
  config: HealthConfig,
  state: GatewayState,
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  onFault: (error: unknown) => void,
): Promise<OpenPort> {
  const token = config.metricsToken === undefined ? null : tokenOf(config.metricsToken);
  const scraped = async ({ rawHeaders }: Asked): Promise<Reply> => {
    if (!token || !isToken(bearerOf(rawHeaders), token)) return noToken;
    return { status: 200, type: metrics.contentType, body: await metrics.text() };
  };
  const answers: Readonly<Record<string, (asked: Asked) => Reply | Promise<Reply>>> = {
    '/livez': () => reply(200, 'alive'),
    '/readyz': () => readiness(state),
    ...(token ? { '/metrics': scraped } : {}),
  };
  return openPort({
    listen: config.listen,
    secure: null,
    answer: (asked) => {
      const answer = Object.hasOwn(answers, asked.path) ? answers[asked.path] : undefined;
      if (!answer) return reply(404, 'Not found');
      return asked.method === 'GET' ? answer(asked) : reply(405, 'Method not allowed');
    },
    tooLarge: () => reply(413, 'The body is too large'),
    onFault: (error) => {
      onFault(error);
      return reply(500, 'Internal error');
    },
  });
}

const noToken: Reply = {
  ...reply(401, 'A valid token is required'),
  fields: { 'www-authenticate': 'Bearer' },
};

/** 200 or 503, in words that name nothing. */
export function readiness(state: GatewayState): Reply {
  return isReady(state) ? reply(200, 'ready') : reply(503, 'not ready');
}
