import { expect, it } from 'vitest';
import type { Connection } from '../../src/store/connection.ts';
import { makeScript, runScript } from '../../src/store/script.ts';
import { found } from '../support/canaries.ts';

it.each(['READONLY You can’t write against a read only replica.', 'NOSCRIPT No matching script.'])(
  'what the store answers with %s repeats nothing that it was sent',
  async (message) => {
    const canary = 'canary-of-a-key-in-a-command';
    const reject = async (...args: readonly unknown[]) => {
      throw Object.assign(new Error(message), { command: { name: 'evalsha', args } });
    };
    const connection = { evalsha: reject, eval: reject } as unknown as Connection;
    const ran = runScript(connection, makeScript('return 1'), ['place'], [canary]);
    const error = await ran.catch((error: object) => error);
    expect(error).toHaveProperty('message', message);
    expect(found([JSON.stringify({ ...(error as object) })], { canary })).toEqual([]);
  },
);
