import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKey } from '../../src/identity/keys/change.ts';
import { type KeyOrder, mintKey } from '../../src/identity/keys/mint.ts';
import { makeDevCertificates, writeDevCertificates } from '../../src/tls/dev-certificates.ts';

/** What every test gateway's ports for operators ask for. */
export const adminToken = 'admin-token-of-the-journeys';
export const scrapeToken = 'scrape-token-of-the-journeys';

/** Where the database of a gateway is. */
export interface Behind {
  /** What it is: a Qdrant where nothing is said. A Milvus has the one address `grpc`. */
  readonly product?: 'milvus';
  readonly http: string;
  readonly grpc: string;
  /** What the gateway presents to it; null: nothing. */
  readonly credential: string | null;
}

/** What a test says about a key, beside its name. */
export type TestKey = Omit<KeyOrder, 'name'> & { readonly revoked?: true };

/** What a test gateway stands before, and who may do what. */
export interface LayoutOptions {
  readonly database: Behind;
  /** The rules of each role, in the policy language. */
  readonly policies: Readonly<Record<string, string>>;
  /** The keys by name. */
  readonly keys: Readonly<Record<string, TestKey>>;
  /** More upstreams before the same database: their names. */
  readonly others?: readonly string[];
  /** What the gateway presents to the database, as the configuration writes it. */
  readonly credential?: string | Readonly<Record<'primary' | 'secondary', string>>;
  /** More sections of the configuration. */
  readonly sections?: Readonly<Record<string, unknown>>;
  readonly clientCertificate?: 'none' | 'optional' | 'required';
  /** More of the `identity:` section, beside its keys. */
  readonly identity?: Readonly<Record<string, unknown>>;
  /** What else the `tls:` section says. */
  readonly tls?: Readonly<Record<string, unknown>>;
  /** The `limits:` section; left out, failing credentials are answered at once, as tests show many. */
  readonly limits?: Readonly<Record<string, unknown>>;
  /** The `store:` section. */
  readonly store?: Readonly<Record<string, unknown>>;
  /** What the `admin:` section says instead of the shared token. */
  readonly admin?: Readonly<Record<string, unknown>>;
  /** Files that are to read otherwise: their text by their path in the folder. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The files of a test gateway. */
export interface Layout {
  readonly directory: string;
  readonly config: string;
  readonly policyDirectory: string;
  readonly keyFile: string;
  readonly auditDirectory: string;
  readonly certificates: ReturnType<typeof writeDevCertificates>;
  /** The keys as clients present them, by name. */
  readonly keys: Readonly<Record<string, string>>;
  /** The id of each key, by its name. */
  readonly keyIds: Readonly<Record<string, string>>;
}

/** Writes certificates, keys, policies and a configuration into a new temporary folder. */
export async function layOut(options: LayoutOptions): Promise<Layout> {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-journey-'));
  const policyDirectory = join(directory, 'policies');
  mkdirSync(policyDirectory);
  for (const [role, rules] of Object.entries(options.policies)) {
    writeFileSync(join(policyDirectory, `${role}.yaml`), `role: ${role}\n${rules}\n`);
  }
  const certificates = writeDevCertificates(join(directory, 'certs'), makeDevCertificates(), false);
  const keyFile = join(directory, 'keys.yaml');
  const keys: Record<string, string> = {};
  const keyIds: Record<string, string> = {};
  for (const [name, { revoked, ...order }] of Object.entries(options.keys)) {
    const { key, entry } = mintKey({ ...order, name }, Date.now());
    await addKey(keyFile, revoked ? { ...entry, revoked: Date.now() - 1000 } : entry);
    keys[name] = key;
    keyIds[name] = entry.id;
  }
  const config = join(directory, 'vectorgate.yaml');
  writeFileSync(config, configuration(options), { mode: 0o600 });
  for (const [path, text] of Object.entries(options.texts ?? {})) {
    writeFileSync(join(directory, path), text, { mode: 0o600 });
  }
  const auditDirectory = join(directory, 'audit');
  return {
    directory,
    config,
    policyDirectory,
    keyFile,
    auditDirectory,
    certificates,
    keys,
    keyIds,
  };
}

function configuration(options: LayoutOptions): string {
  const {
    database,
    others = [],
    clientCertificate,
    identity = {},
    tls = {},
    limits,
    store,
  } = options;
  const credential = options.credential ?? database.credential;
  const clients = clientCertificate ? { clientCa: 'certs/ca.pem', clientCertificate } : {};
  // JSON is YAML.
  return JSON.stringify({
    version: 1,
    upstreams: ['main', ...others].map((name) => ({
      name,
      ...(database.product
        ? { database: database.product }
        : { database: 'qdrant', http: database.http }),
      grpc: database.grpc,
      ...(credential === null ? {} : { credential }),
      allowRemote: true,
      listen: { grpc: '127.0.0.1:0', ...(database.product ? {} : { http: '127.0.0.1:0' }) },
      policies: 'policies/',
    })),
    tls: { certificate: 'certs/server.pem', key: 'certs/server-key.pem', ...clients, ...tls },
    identity: { keys: { store: 'file', path: 'keys.yaml' }, ...identity },
    limits: limits ?? { failures: { delay: '0s' } },
    ...(store ? { store } : {}),
    audit: { directory: 'audit/' },
    admin: { listen: '127.0.0.1:0', ...(options.admin ?? { token: adminToken }) },
    health: { listen: '127.0.0.1:0', metricsToken: scrapeToken },
    ...options.sections,
  });
}
