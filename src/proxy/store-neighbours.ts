import type { Store } from '../store/store.ts';
import type { Neighbours } from './shared-names.ts';

/** Takes the place of the one who may change names now; gives who is there, or nothing. */
const claimScript = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return {} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('ZRANGE', KEYS[2], 0, -1)
`;

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`;

/** The gateways that share a store. */
export function storeNeighbours(store: Store): Neighbours {
  const places = (topic: string) => [store.place(`turn:${topic}`), store.place('gateways')];
  return {
    id: store.id,
    get present() {
      return store.gateways;
    },
    claim: async (topic, change, milliseconds) => {
      const { state, lastError } = store.status;
      if (state !== 'up') throw new Error(lastError ?? `the store is ${state}`);
      return (await store.run(claimScript, places(topic), [change, milliseconds])) as string[];
    },
    release: (topic, change) => store.run(releaseScript, places(topic), [change]),
    tell: (topic, message) => store.tell(topic, message),
    hear: (topic, listener) => store.hear(topic, listener),
  };
}
