import { request } from 'node:http';
import { BadUsage, type Verb } from './verb.ts';

const patience = 3_000;

/** `vectorgate health`: whether the gateway beside it is ready, for a container's health check.
 * Reads no configuration: a bad edit of the file must not stop a gateway that serves. */
export const verb: Verb = {
  name: 'health',
  summary: 'Ask the health port of a running gateway whether it is ready',
  usage: 'health [--address 127.0.0.1:9634]',
  options: {
    address: {
      type: 'string',
      default: '127.0.0.1:9634',
      help: 'where its health port listens (default: 127.0.0.1:9634)',
    },
  },
  run: async ({ values, json, print, complain }) => {
    const address = String(values['address']);
    const url = `http://${address}/readyz`;
    if (!URL.canParse(url)) throw new BadUsage(`${address} is no address; write 127.0.0.1:9634`);
    const answer = await statusOf(url);
    const ready = answer === 200;
    if (answer === null) complain(`nothing answers at ${address}`);
    print(json ? JSON.stringify({ ready }) : ready ? 'ready' : 'not ready');
    return ready ? 0 : 1;
  },
};

/** Null where no answer comes. */
function statusOf(url: string): Promise<number | null> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, signal: AbortSignal.timeout(patience) });
    asked.on('error', () => resolve(null));
    asked.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    asked.end();
  });
}
