import type { Connection } from './connection.ts';
import { makeScript, runScript } from './script.ts';

/** Where what all gateways share stands: in one slot of a cluster. */
export interface Places {
  /** Which life of the store this is: what a store that was emptied has not. */
  readonly generation: string;
  /** Counts the changes of keys. */
  readonly version: string;
  /** Who is there. */
  readonly gateways: string;
  /** The channel on which they hear of each other. */
  readonly channel: string;
}

/** What one look at the store found. */
export interface Beat {
  /** Null where the store is empty. */
  readonly generation: string | null;
  readonly version: string;
  /** The ids of the gateways that were there within the last seconds, this one among them. */
  readonly gateways: readonly string[];
}

/** How long a gateway counts as there after its last beat, in milliseconds. */
const thereFor = 5000;

/** Told on the channel with each beat, and whose it is: so a subscription that hears nothing is
 * known as dead, and a new gateway by all others at once. */
export const beatMessage = 'beat';

const script = makeScript(`
local generation = redis.call('GET', KEYS[1])
if not generation then return {false, '0', {}} end
local version = redis.call('GET', KEYS[2]) or '0'
if ARGV[2] ~= '' and generation ~= ARGV[2] then return {generation, version, {}} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[3], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {generation, version, redis.call('ZRANGE', KEYS[3], 0, -1)}
`);

/** Looks at the store once, and says that this gateway is there, where the store is the one that
 * `known` names; null: whichever it is. Rejects where it does not answer. */
export async function beat(
  connection: Connection,
  { generation, version, gateways, channel }: Places,
  id: string,
  known: string | null,
): Promise<Beat> {
  const values = [id, known ?? '', thereFor, channel, `${beatMessage} ${id}`];
  const keys = [generation, version, gateways];
  const found = (await runScript(connection, script, keys, values)) as [
    string | null,
    string,
    string[],
  ];
  return { generation: found[0], version: found[1], gateways: found[2] };
}
