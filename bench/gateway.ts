import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Started, start } from './process.ts';

const main = 'src/cli/main.ts';

/** A gateway with everything on: TLS, keys, policies, audit log, metrics. */
export interface BenchGateway {
  readonly pid: number;
  readonly http: number;
  readonly grpc: number;
  readonly key: string;
  readonly ca: string;
  stop(): Promise<void>;
}

/** How a gateway differs from one process before a Qdrant. */
export interface GatewayOptions {
  readonly workers?: number;
  readonly product?: 'qdrant' | 'milvus';
}

/** Writes a configuration into `directory` and starts the gateway of this checkout on it. */
export async function startGateway(
  directory: string,
  upstream: { readonly http: number; readonly grpc: number },
  { workers = 1, product = 'qdrant' }: GatewayOptions = {},
): Promise<BenchGateway> {
  const certs = join(directory, 'certs');
  const keys = join(directory, 'keys.yaml');
  mkdirSync(join(directory, 'policies'));
  writeFileSync(
    join(directory, 'policies/bench.yaml'),
    'role: bench\nallow:\n  - { collections: ["bench*"], access: m }\n',
  );
  run(['certs', 'dev', '--out', certs]);
  const made = run([
    'keys',
    'create',
    '--name',
    'bench',
    '--role',
    'bench',
    '--keys',
    keys,
    '--json',
  ]);
  const { key } = JSON.parse(made) as { key: string };
  const config = join(directory, 'vectorgate.yaml');
  writeFileSync(config, configuration(upstream, workers, product));
  const gateway: Started<Ready> = await start(
    main,
    ['serve', '--config', config, '--json'],
    (line) => line['msg'] === 'ready',
  );
  const [bound] = gateway.told.upstreams;
  const port = (address: string | null | undefined) => Number(address?.split(':').at(-1));
  return {
    pid: gateway.child.pid ?? 0,
    http: port(bound?.http ?? bound?.grpc),
    grpc: port(bound?.grpc),
    key,
    ca: join(certs, 'ca.pem'),
    stop: gateway.stop,
  };
}

interface Ready {
  readonly upstreams: readonly { readonly http: string | null; readonly grpc: string }[];
}

function run(args: readonly string[]): string {
  return execFileSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}

function configuration(
  upstream: { readonly http: number; readonly grpc: number },
  workers: number,
  product: 'qdrant' | 'milvus',
): string {
  // A Milvus has one port for both.
  const one = product === 'milvus';
  const listen = one ? 'grpc: "127.0.0.1:0"' : 'http: "127.0.0.1:0", grpc: "127.0.0.1:0"';
  return `version: 1
workers: ${workers}
upstreams:
  - name: main
    database: ${product}
${one ? '' : `    http: http://127.0.0.1:${upstream.http}\n`}    grpc: http://127.0.0.1:${upstream.grpc}
    credential: ${one ? 'root:Milvus' : 'upstream-secret'}
    listen: { ${listen} }
    policies: policies/
tls:
  certificate: certs/server.pem
  key: certs/server-key.pem
identity:
  keys: { store: file, path: keys.yaml }
audit:
  directory: audit/
`;
}
