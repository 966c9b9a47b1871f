import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Config } from '../config/config.ts';
import { BadUsage } from './verb.ts';

/** Databases are asked meanwhile, one after the other. */
const patience = 60_000;

/** What to ask of a running gateway. */
export interface AdminQuestion {
  readonly method: 'GET' | 'POST';
  readonly target: string;
}

/** Asks the admin port of a running gateway, as its configuration says or at another address. Gives
 * the JSON of its answer. Rejects with an `Error` for people. */
export async function askAdmin(
  { listen, token }: NonNullable<Config['admin']>,
  address: unknown,
  { method, target }: AdminQuestion,
): Promise<unknown> {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const where = address === undefined ? `${host}:${listen.port}` : String(address);
  const url = `http://${where}${target}`;
  if (!URL.canParse(url)) throw new BadUsage(`${where} is no address; write 127.0.0.1:9633`);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(patience);
    const asked = request(url, { method, headers, agent: false, signal });
    asked.on('error', (error) => {
      reject(new Error(`no gateway answers at ${where}: ${error.message}`));
    });
    asked.on('response', (answer) => {
      const { statusCode: status = 0, headers: told } = answer;
      if (told['content-type'] === 'application/json')
        return void json(answer).then(resolve, reject);
      answer.resume();
      reject(new Error(`the admin port at ${where} answers with status ${status}`));
    });
    asked.end();
  });
}
