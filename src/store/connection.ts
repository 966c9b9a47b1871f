import { readFileSync } from 'node:fs';
import { Cluster, Redis } from 'ioredis';
import type { StoreConfig } from './config.ts';

/** A connection to a store, whichever way it is run. */
export type Connection = Redis | Cluster;

/** How long the store may take, in milliseconds. */
const connectTime = 1000;
const commandTime = 500;
const retryAtMost = 500;

/**
 * Connects to the store in the background, again and again where it is lost. A command that cannot
 * be sent at once is refused at once: nothing waits in a queue that nobody sees.
 */
export function connectStore(config: StoreConfig): Connection {
  const { servers, cluster, sentinel } = config;
  const [first] = servers;
  if (!first) throw new TypeError('a store without a server');
  const options = optionsOf(config, first.tls);
  const wait = (times: number) => Math.min(50 * 2 ** Math.min(times, 10), retryAtMost);
  const alone = { retryStrategy: wait, enableOfflineQueue: false };
  const connection = cluster
    ? new Cluster(
        servers.map(({ host, port }) => ({ host, port })),
        {
          redisOptions: options,
          clusterRetryStrategy: wait,
          enableOfflineQueue: false,
          slotsRefreshTimeout: connectTime,
        },
      )
    : sentinel === undefined
      ? new Redis({ ...options, ...alone, host: first.host, port: first.port, db: first.database })
      : new Redis({ ...options, ...alone, ...watchedBy(config, sentinel), db: first.database });
  // Without a listener each lost connection would be written to stderr; the beat tells of it.
  connection.on('error', () => undefined);
  return connection;
}

function optionsOf({ username, password, ca }: StoreConfig, tls: boolean) {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: authorities(ca) } : {}),
    connectTimeout: connectTime,
    commandTimeout: commandTime,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectionName: 'vectorgate',
  };
}

function watchedBy({ servers, sentinelPassword, ca }: StoreConfig, name: string) {
  const tls = servers.some((server) => server.tls);
  return {
    name,
    sentinels: servers.map(({ host, port }) => ({ host, port })),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: authorities(ca) } : {}),
    failoverDetector: true,
  };
}

/** The system's authorities where none are named. */
function authorities(ca: string | undefined) {
  return ca === undefined ? {} : { ca: readFileSync(ca) };
}
