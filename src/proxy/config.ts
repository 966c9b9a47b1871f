import { isIP } from 'node:net';
import { z } from 'zod';

/** Where a port of ours is bound: port 0 takes any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a database is reached. */
export interface UpstreamUrl {
  readonly host: string;
  readonly port: number;
  /** Whether it is reached over TLS, verified. */
  readonly tls: boolean;
}

const highestPort = 65_535;

/** `host:port`, `[::1]:port`: an address to listen on. */
export const address = z.string().transform((text, context): Address => {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  const digits = text.slice(colon + 1);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  if (colon > 0 && host !== '' && port <= highestPort) return { host, port };
  context.addIssue('is no address to listen on; Write host:port, as in 127.0.0.1:6333');
  return z.NEVER;
});

/** Whether a host is this machine's own loopback: 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const upstreamUrl = z.string().transform((text, context): UpstreamUrl => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    context.addIssue('is no http:// or https:// URL; Write it as http://127.0.0.1:16333');
    return z.NEVER;
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    context.addIssue('holds more than a host and a port; Leave out path, query and user');
    return z.NEVER;
  }
  const tls = url.protocol === 'https:';
  const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, tls };
});

const notBuilt = 'is not built yet; Remove the key: each upstream has ports of its own until then';

const inTheClear =
  'would send every request and the credential over a network in the clear; Use https://, a ' +
  'loopback address, or set allowRemote: true where the network is fenced';

/** The databases that serve REST and gRPC at one address; the gateway then does so too. */
const onePort: ReadonlySet<string> = new Set(['milvus']);

/** What is wrong with a key for REST that is there, or is not. */
type PortRule = (written: boolean) => {
  readonly http: string | null;
  readonly listen: string | null;
};

const separatePorts: PortRule = (written) => ({
  http: written ? null : 'is missing; Write where REST is served, as in http://127.0.0.1:16333',
  listen: written ? null : 'is missing; Write where to serve REST, as in 127.0.0.1:6333',
});

function sharedPort(database: string): PortRule {
  return (written) => ({
    http: written ? `is no key of ${database}; Write its one address as grpc, and no http` : null,
    listen: written ? `is no key of ${database}; Remove it: listen.grpc serves REST too` : null,
  });
}

const secret = z
  .string()
  .min(1, 'is empty; Remove the key if the database asks for none')
  .regex(/^[ -~]*$/, 'holds characters that no header carries; Take out line ends and the like');

/** One secret, or two of which the second is there for when the first is replaced. */
const credential = z
  .union([secret, z.strictObject({ primary: secret, secondary: secret })], {
    error: 'is neither a text nor { primary, secondary }; Refer to one secret, or to two',
  })
  .transform((written) =>
    typeof written === 'string' ? { primary: written, secondary: null } : written,
  )
  .refine(({ primary, secondary }) => primary !== secondary, {
    path: ['secondary'],
    message: 'is the primary again; Refer to another secret, or write the primary alone',
  });

const upstream = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'is no name; Use a-z, 0-9 and -, at most 32 characters'),
    database: z.enum(['qdrant', 'milvus'], 'is unknown; Write qdrant or milvus'),
    http: upstreamUrl.optional(),
    grpc: upstreamUrl,
    /** What the gateway presents to the database. */
    credential: credential.optional(),
    /** A file of the authorities that an https:// upstream is verified against, in place of the
     * system's. */
    ca: z.string().min(1, 'names no file; Give the path of a PEM file').optional(),
    allowRemote: z.boolean().default(false),
    listen: z.strictObject({ http: address.optional(), grpc: address }),
    hosts: z.never(notBuilt).optional(),
    policies: z.string().min(1, 'names no folder; Give the path of a folder of policies'),
  })
  .superRefine((entry, context) => {
    const { http, listen, database } = entry;
    const asked = onePort.has(database) ? sharedPort(database) : separatePorts;
    const object = (path: string[], message: string | null) => {
      if (message !== null) context.addIssue({ code: 'custom', path, message });
    };
    object(['http'], asked(http !== undefined).http);
    object(['listen', 'http'], asked(listen.http !== undefined).listen);
    for (const key of ['http', 'grpc'] as const) {
      const { host = 'localhost', tls } = entry[key] ?? {};
      if (!tls && !isLoopback(host) && !entry.allowRemote) object([key], inTheClear);
    }
  })
  .transform(({ http, listen, ...entry }) => ({
    ...entry,
    /** Null: REST is asked at the gRPC address. */
    http: http ?? null,
    /** Null: the gRPC port serves REST too. */
    listen: { http: listen.http ?? null, grpc: listen.grpc },
  }));

/** The `upstreams:` section: one entry or more, no name twice. */
export const upstreams = z
  .array(upstream)
  .min(1, 'lists no database; Add an upstream')
  .superRefine((entries, context) => {
    const names = new Set<string>();
    for (const [index, { name }] of entries.entries()) {
      if (names.has(name)) {
        const message = 'is the name of another upstream; Give each a name of its own';
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      names.add(name);
    }
  });
