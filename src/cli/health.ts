import { request } from 'node:http';
import { loadConfig } from '../config/load.ts';
import type { Address } from '../proxy/config.ts';
import type { Verb } from './verb.ts';

const patience = 3_000;

/** `vectorgate health`: whether the gateway beside it is ready, for a container's health check. */
export const verb: Verb = {
  name: 'health',
  summary: 'Ask the running gateway whether it is ready',
  usage: 'health [--config vectorgate.yaml]',
  options: {
    config: {
      type: 'string',
      default: 'vectorgate.yaml',
      help: 'the configuration, which tells the health port (vectorgate.yaml)',
    },
  },
  run: async ({ values, json, print }) => {
    const { config } = loadConfig(String(values['config']));
    if (!config.health)
      throw new Error('there is no health port; add health: to the configuration');
    const ready = await isReady(config.health.listen);
    print(json ? JSON.stringify({ ready }) : ready ? 'ready' : 'not ready');
    return ready ? 0 : 1;
  },
};

const loopbacks: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function isReady({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({
      host: loopbacks[host] ?? host,
      port,
      path: '/readyz',
      agent: false,
      signal: AbortSignal.timeout(patience),
    });
    asked.on('error', () => resolve(false));
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.end();
  });
}
