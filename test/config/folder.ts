import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A whole configuration that is good as it stands. */
export const goodConfig = `version: 1
upstreams:
  - name: main
    database: qdrant
    http: http://127.0.0.1:16333
    grpc: http://127.0.0.1:16334
    credential: \${QDRANT_KEY}
    listen: { http: 0.0.0.0:6333, grpc: 0.0.0.0:6334 }
    policies: policies/
tls:
  certificate: certs/server.pem
  key: certs/server-key.pem
  minVersion: TLSv1.3
identity:
  keys: { store: file, path: keys.yaml }
  combine: transport
audit:
  directory: audit/
admin:
  listen: 127.0.0.1:9633
  token: \${ADMIN_TOKEN}
health:
  listen: 0.0.0.0:9634
  metricsToken: \${file:scrape-token}
`;

/** What the good configuration reads from its environment. */
export const goodEnvironment = {
  QDRANT_KEY: 'qdrant-key-of-the-gateway',
  ADMIN_TOKEN: 'admin-token-0123456789',
};

/** What the good configuration reads from `scrape-token`. */
export const scrapeToken = 'scrape-token-0123456789';

/** A folder with everything the good configuration names; gone when the test has ended. */
export function configFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'vectorgate-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const all = {
    'vectorgate.yaml': goodConfig,
    'scrape-token': `${scrapeToken}\n`,
    'keys.yaml': 'keys: []\n',
    'certs/server.pem': '',
    'certs/server-key.pem': '',
    'policies/search.yaml': 'role: search\nallow: [{ collections: [products], access: r }]\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o600);
  }
  return folder;
}
