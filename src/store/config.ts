import { z } from 'zod';

/** Where one server of a store is. */
export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The number of its database: 0 where the URL names none. */
  readonly database: number;
}

const defaultPort = 6379;

const url = z
  .string('is no URL of a store; Write it as rediss://redis.internal:6379')
  .transform((text, context): StoreAddress => {
    const found = URL.canParse(text) ? new URL(text) : null;
    const scheme = found?.protocol;
    const path = /^\/?(\d{0,2})$/.exec(found?.pathname ?? '/x');
    if (!found?.hostname || !path || (scheme !== 'redis:' && scheme !== 'rediss:')) {
      context.addIssue('is no URL of a store; Write it as rediss://redis.internal:6379');
      return z.NEVER;
    }
    if (found.username !== '' || found.password !== '') {
      context.addIssue('holds a user or a password; Write them as store.username, store.password');
      return z.NEVER;
    }
    return {
      host: found.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: found.port === '' ? defaultPort : Number(found.port),
      tls: scheme === 'rediss:',
      database: Number(path[1] || 0),
    };
  });

const msIn = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const staleFor = z
  .string('is no time; Write it as 30s, 10m or 12h')
  .transform((text, context): number => {
    const [, digits, unit] = /^(0|[1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
    if (unit !== undefined) return Number(digits) * msIn[unit as keyof typeof msIn];
    context.addIssue('is no time; Write it as 30s, 10m or 12h');
    return z.NEVER;
  });

const unavailable = z.enum(
  ['refuse', 'forward'],
  'no such answer to a store that is lost; Use refuse or forward',
);
const text = (what: string) => z.string(`${what} is no text; Quote it`).min(1, `${what} is empty`);

const written = z.strictObject({
  kind: z.literal('redis', 'is no such store; Write redis, which Valkey is too'),
  url: url.optional(),
  urls: z.array(url, 'are no list; Write [rediss://a:6379]').min(1, 'are none').optional(),
  sentinel: text('the name of the primary').optional(),
  cluster: z.boolean('is neither true nor false').default(false),
  username: text('the user').optional(),
  password: text('the password').optional(),
  sentinelPassword: text("the sentinels' password").optional(),
  ca: text('the path').optional(),
  allowRemote: z.boolean('is neither true nor false').default(false),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9:_-]{1,64}$/, 'is no prefix; Use letters, digits, : _ and -')
    .default('vectorgate'),
  staleFor: staleFor.prefault('10m'),
  unavailable: z
    .strictObject({ read: unavailable.default('refuse'), write: unavailable.default('refuse') })
    .prefault({}),
});

/** The `store:` section: what several gateways share; without it each is for itself. */
export const storeSection = written.transform(({ url: one, urls, ...section }, context) => {
  const fault = (path: string, message: string) => {
    context.addIssue({ code: 'custom', path: [path], message });
    return z.NEVER;
  };
  const { sentinel, cluster, allowRemote } = section;
  if ((one === undefined) === (urls === undefined))
    return fault('url', 'where the store is has to be said once; Write either url or urls');
  if (sentinel !== undefined && cluster)
    return fault('cluster', 'a store is either watched by sentinels or a cluster; Remove one');
  const servers = urls ?? (one ? [one] : []);
  if (servers.length > 1 && sentinel === undefined && !cluster)
    return fault('urls', 'are several servers; Write sentinel: NAME or cluster: true beside them');
  if (cluster && servers.some(({ database }) => database !== 0))
    return fault('urls', 'a cluster has one database only; Leave the number out');
  if (!allowRemote && servers.some(({ host, tls }) => !tls && !isLoopback(host))) {
    const message = 'hashes of keys would cross the network in the clear';
    return fault(one ? 'url' : 'urls', `${message}; Use rediss://, or set allowRemote: true`);
  }
  return { ...section, servers };
});

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

/** What `store:` says, with its defaults. */
export type StoreConfig = Readonly<Omit<Written, 'servers'>> & {
  readonly servers: readonly StoreAddress[];
};

type Written = z.output<typeof storeSection>;
