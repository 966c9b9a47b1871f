import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKey } from '../identity/keys/change.ts';
import { mintKey } from '../identity/keys/mint.ts';
import { makeDevCertificates, writeDevCertificates } from '../tls/dev-certificates.ts';

/** A configuration for trying out, in a folder of its own. */
export interface DemoSetup {
  readonly directory: string;
  readonly config: string;
  /** The certificate of the development authority. */
  readonly ca: string;
  /** A key of each role: everything, read and write on `demo`, read on `demo`. */
  readonly keys: Readonly<Record<'admin' | 'rw' | 'r', string>>;
}

/** What the demo's gateway stands before, and where it is to listen. */
export interface DemoPlace {
  readonly database: { readonly http: string; readonly grpc: string };
  readonly credential: string;
  readonly listen: { readonly http: number; readonly grpc: number };
}

const policies = {
  admin: `role: admin
allow:
  - { collections: ["*"], access: [m, admin] }
  - { access: [observe, admin] }
`,
  rw: 'role: rw\nallow:\n  - { collections: [demo], access: rw }\n',
  r: 'role: r\nallow:\n  - { collections: [demo], access: r }\n',
};

/** Writes certificates, API keys, a key that signs the audit log, policies and a configuration into
 * a new temporary folder. */
export async function setUpDemo(place: DemoPlace): Promise<DemoSetup> {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-demo-'));
  const folder = join(directory, 'policies');
  mkdirSync(folder);
  for (const [role, text] of Object.entries(policies)) {
    writeFileSync(join(folder, `${role}.yaml`), text);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const signing = privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(directory, 'audit-key.pem'), signing, { mode: 0o600 });
  const certs = writeDevCertificates(join(directory, 'certs'), makeDevCertificates(), false);
  const keys = { admin: '', rw: '', r: '' };
  for (const role of ['admin', 'rw', 'r'] as const) {
    const { key, entry } = mintKey({ name: `demo-${role}`, roles: [role] }, Date.now());
    await addKey(join(directory, 'keys.yaml'), entry);
    keys[role] = key;
  }
  const config = join(directory, 'vectorgate.yaml');
  writeFileSync(config, configuration(place), { mode: 0o600 });
  return { directory, config, ca: certs.ca, keys };
}

function configuration({ database, credential, listen }: DemoPlace): string {
  return `version: 1
upstreams:
  - name: demo
    database: qdrant
    http: ${database.http}
    grpc: ${database.grpc}
    credential: ${credential}
    listen: { http: "127.0.0.1:${listen.http}", grpc: "127.0.0.1:${listen.grpc}" }
    policies: policies/
tls:
  certificate: certs/server.pem
  key: certs/server-key.pem
identity:
  keys: { store: file, path: keys.yaml }
audit:
  directory: audit/
  checkpoints: { key: audit-key.pem }
`;
}
