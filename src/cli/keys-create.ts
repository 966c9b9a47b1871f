import { keyDesk, keyDeskOptions } from './key-desk.ts';
import { keyOrderOptions, readKeyOrder } from './key-order.ts';
import type { Verb } from './verb.ts';

/** Makes a key, has its entry kept, and shows the key once. */
export const verb: Verb = {
  name: 'keys create',
  summary: 'Make an API key, in a running gateway or in the key file',
  usage:
    'keys create --name N --role R … [--upstream U] [--expires 90d] [--source CIDR] [--label k=v]',
  options: { ...keyOrderOptions, ...keyDeskOptions },
  run: async ({ values, json, print, complain }) => {
    const now = Date.now();
    const order = readKeyOrder(values, now);
    const desk = await keyDesk(values, now);
    const { id, name, roles, key, createdAt, expiresAt } = await desk.create(order);
    if (json) {
      print(JSON.stringify({ id, name, roles, key, createdAt, expiresAt }));
      return 0;
    }
    print(key);
    complain(`id ${id}, roles ${roles.join(' ')}, ends ${expiresAt ?? 'never'}`);
    complain(
      `This key is not shown again. Clients send it as "api-key" or "authorization: Bearer".`,
    );
    complain(`Its entry is in ${desk.name}.`);
    return 0;
  },
};
