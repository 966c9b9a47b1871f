import { text } from 'node:stream/consumers';
import { keyDesk, keyDeskOptions } from './key-desk.ts';
import { keyOrderOptions, readKeyOrder } from './key-order.ts';
import type { Verb } from './verb.ts';

/** Takes over a key that applications have already. */
export const verb: Verb = {
  name: 'keys import',
  summary: 'Take over a key that applications have already, read from stdin',
  usage: 'keys import --name N --role R … [--weak] [--expires 90d] < key',
  options: {
    ...keyOrderOptions,
    weak: { type: 'boolean', help: 'take a key of less than 16 characters' },
    ...keyDeskOptions,
  },
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const order = { ...readKeyOrder(values, now), weak: values['weak'] === true };
    const key = (await text(process.stdin)).trim();
    const desk = await keyDesk(values, now);
    const { id, name, roles, createdAt, expiresAt } = await desk.take(key, order);
    if (json) print(JSON.stringify({ id, name, roles, createdAt, expiresAt }));
    else {
      print(`${id} (${name}) counts, and ends ${expiresAt ?? 'never'}`);
      complain(`Rotate it once applications can change: vectorgate keys rotate ${id}`);
    }
    return 0;
  },
};
