import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { dispatch } from '../../src/cli/dispatch.ts';
import { configFolder } from './folder.ts';

async function run(...args: string[]): Promise<{ code: number; told: string }> {
  const told: string[] = [];
  const code = await dispatch(args, {
    print: (line) => told.push(line),
    complain: (line) => told.push(line),
  });
  return { code, told: told.join('\n') };
}

/** Makes what an operator brings along, with the commands that the examples name. */
async function bring(folder: string): Promise<void> {
  await run('certs', 'dev', '--out', join(folder, 'certs'), '--force');
  const keys = join(folder, 'keys.yaml');
  await run('keys', 'create', '--name', 'rag', '--role', 'rag', '--keys', keys);
}

/** A service of a Compose file, as far as it matters here. */
interface Service {
  readonly ports?: readonly string[];
  readonly network_mode?: string;
  readonly environment: Readonly<Record<string, string>>;
}

describe('examples/qdrant', () => {
  it('has a configuration that is good, without a warning', async () => {
    const folder = configFolder();
    await bring(folder);
    cpSync('examples/qdrant/policies', join(folder, 'policies'), { recursive: true });
    const text = readFileSync('examples/qdrant/vectorgate.yaml', 'utf8')
      .replaceAll('/var/lib/vectorgate', folder)
      .replace(/\$\{QDRANT_API_KEY\}/, 'key-between-gateway-and-qdrant');
    const file = join(folder, 'vectorgate.yaml');
    writeFileSync(file, text);
    expect(await run('check', '--config', file)).toEqual({ code: 0, told: `${file} is good` });
  });

  it('has policies that do what their tests say', async () => {
    const { code, told } = await run('policy', 'test', '--policies', 'examples/qdrant/policies');
    expect([code, told]).toEqual([0, expect.stringMatching(/\b[1-9]\d* passed/)]);
  });

  it('publishes no port of the database, and binds it to loopback', () => {
    const { services } = parse(readFileSync('examples/qdrant/compose.yaml', 'utf8')) as {
      services: Record<'vectorgate' | 'qdrant', Service>;
    };
    expect(services.qdrant.ports).toBeUndefined();
    expect(services.qdrant.network_mode).toBe('service:vectorgate');
    expect(services.qdrant.environment).toMatchObject({ QDRANT__SERVICE__HOST: '127.0.0.1' });
    expect(services.vectorgate).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });
});

describe('examples/milvus', () => {
  it('has a configuration that is good, and says that the network must be fenced', async () => {
    const folder = configFolder();
    await bring(folder);
    cpSync('examples/milvus/policies', join(folder, 'policies'), { recursive: true });
    const text = readFileSync('examples/milvus/vectorgate.yaml', 'utf8')
      .replaceAll('/var/lib/vectorgate', folder)
      .replace(/\$\{MILVUS_ROOT_PASSWORD\}/, 'between-gateway-and-milvus');
    const file = join(folder, 'vectorgate.yaml');
    writeFileSync(file, text);
    const { code, told } = await run('check', '--config', file);
    expect([code, told.split('\n').length]).toEqual([0, 2]);
    expect(told).toMatch(/requests and the credential cross the network to milvus in the clear/);
  });

  it('has policies that do what their tests say', async () => {
    const { code, told } = await run(
      ...['policy', 'test', '--database', 'milvus', '--policies', 'examples/milvus/policies'],
    );
    expect([code, told]).toEqual([0, expect.stringMatching(/\b[1-9]\d* passed/)]);
  });

  it('publishes no port of the database, and fences it off from all but the gateway', () => {
    const { services, networks } = parse(readFileSync('examples/milvus/compose.yaml', 'utf8')) as {
      services: Record<'vectorgate' | 'milvus', Service & { networks: readonly string[] }>;
      networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
    };
    expect(services.milvus.ports).toBeUndefined();
    expect(services.milvus.networks.map((name) => networks[name]?.internal)).toEqual([true]);
    expect(services.milvus.environment).toMatchObject({
      COMMON_SECURITY_AUTHORIZATIONENABLED: 'true',
    });
    expect(services.vectorgate).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });
});

/** A container of a pod, as far as it matters here. */
interface Container {
  readonly name: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly unknown[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data: Readonly<Record<string, string>>;
  readonly spec: { readonly template: { readonly spec: { readonly containers: Container[] } } };
}

describe('examples/kubernetes', () => {
  const manifests = parseAllDocuments(
    readFileSync('examples/kubernetes/vectorgate.yaml', 'utf8'),
  ).map((document) => document.toJS() as Manifest);
  const named = (kind: string, name: string) =>
    manifests.find((one) => one.kind === kind && one.metadata.name === name) as Manifest;

  it('has a configuration that is good, without a warning', async () => {
    const folder = configFolder({ 'qdrant-api-key': 'key-between-gateway-and-qdrant' });
    await bring(folder);
    mkdirSync(join(folder, 'policies'), { recursive: true });
    for (const [name, text] of Object.entries(named('ConfigMap', 'vectorgate-policies').data)) {
      writeFileSync(join(folder, 'policies', name), text);
    }
    const { 'vectorgate.yaml': text = '' } = named('ConfigMap', 'vectorgate').data;
    const file = join(folder, 'vectorgate.yaml');
    writeFileSync(
      file,
      text
        .replace('/run/secrets/vectorgate-tls/tls.crt', 'certs/server.pem')
        .replace('/run/secrets/vectorgate-tls/tls.key', 'certs/server-key.pem')
        .replaceAll(/\/(run\/secrets|etc|var\/lib)\/vectorgate/g, folder),
    );
    expect(await run('check', '--config', file)).toEqual({ code: 0, told: `${file} is good` });
  });

  it('gives neither container more rights than it needs, and Qdrant no port', () => {
    const { containers } = named('StatefulSet', 'qdrant').spec.template.spec;
    for (const { securityContext } of containers) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(securityContext['runAsUser']).toBeGreaterThan(0);
    }
    const qdrant = containers.find(({ name }) => name === 'qdrant');
    expect(qdrant?.ports).toBeUndefined();
    expect(qdrant?.env).toContainEqual({ name: 'QDRANT__SERVICE__HOST', value: '127.0.0.1' });
  });
});
