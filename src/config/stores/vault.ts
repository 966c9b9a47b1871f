import { readFileSync } from 'node:fs';
import { readSecretFile } from '../../secret-file.ts';
import type { SecretsConfig } from './section.ts';
import type { Secret, SecretStore } from './store.ts';
import type { Transport } from './transport.ts';

type VaultConfig = NonNullable<SecretsConfig['vault']>;

/** What a login came to: Vault's `auth` object, as far as it is listened to. */
interface Login {
  /** Seconds; 0: for ever. */
  readonly lease_duration?: unknown;
  readonly renewable?: unknown;
}

/** As node-vault asks its transport. */
interface Asked {
  readonly method: string;
  readonly uri: string;
  readonly headers: Record<string, string>;
  readonly json?: unknown;
}

/** How much of a login's time may be over before it is renewed. */
const renewAfter = 0.5;

/**
 * Opens HashiCorp Vault, or OpenBao, which speaks the same: KV version 2, by token or as a
 * Kubernetes service account. A login is renewed at half of its time; where that fails, and where
 * the store says 403, it logs in anew, with what the token's file holds then.
 */
export async function openVault(config: VaultConfig, transport: Transport): Promise<SecretStore> {
  const { default: nodeVault } = await import('node-vault');
  const client = nodeVault({
    endpoint: config.address,
    debug: () => undefined,
    'request-promise': { defaults: () => (asked: Asked) => ask(transport, asked) },
  });
  // Left out, these would come from the environment.
  Object.assign(client, { namespace: config.namespace ?? '', pathPrefix: '', token: '' });
  let lease = Number.POSITIVE_INFINITY;
  let renewAt = 0;
  let renewable = false;

  function take({ lease_duration: seconds, renewable: mayRenew }: Login): void {
    lease = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
    renewAt = performance.now() + lease * renewAfter;
    renewable = mayRenew === true;
  }

  async function logIn(): Promise<void> {
    if (config.kubernetes) {
      const { role, mount, tokenFile } = config.kubernetes;
      client.token = '';
      const jwt = readFileSync(tokenFile, 'utf8').trim();
      const { auth } = await client.kubernetesLogin({ mount_point: mount, role, jwt });
      client.token = String(auth?.client_token ?? '');
      return take(auth ?? {});
    }
    client.token = tokenOf(config);
    // A token need not be allowed to look at itself; then nothing is known of its end.
    const told = await client.tokenLookupSelf().catch(() => null);
    take({ lease_duration: told?.data?.ttl, renewable: told?.data?.renewable });
  }

  async function beLoggedIn(): Promise<void> {
    const replaced = config.tokenFile !== undefined && tokenOf(config) !== client.token;
    if (client.token === '' || replaced) return logIn();
    if (performance.now() < renewAt) return;
    if (!renewable) return logIn();
    await client.tokenRenewSelf().then(({ auth }) => take(auth ?? {}), logIn);
  }

  async function read(path: string): Promise<Secret> {
    const told = await client.read(`${config.mount}/data/${path}`);
    const keys = told?.data?.data;
    if (typeof keys === 'object' && keys !== null) return { text: null, keys };
    throw new Error(`there is no KV version 2 at ${config.mount}; Correct secrets.vault.mount`);
  }

  return {
    read: async (path) => {
      try {
        await beLoggedIn();
        return await read(path).catch(async (error) => {
          if (statusOf(error) !== 403) throw error;
          await logIn();
          return read(path);
        });
      } catch (error) {
        throw inWords(error, `${config.mount}/data/${path}`);
      }
    },
    get lease() {
      return lease;
    },
    close: () => transport.close(),
  };
}

function tokenOf({ token, tokenFile }: VaultConfig): string {
  return (
    token ??
    readSecretFile(tokenFile ?? '')
      .toString('utf8')
      .trim()
  );
}

async function ask(transport: Transport, { method, uri, headers, json }: Asked) {
  const body = typeof json === 'object' && json !== null ? JSON.stringify(json) : null;
  const all = { ...headers, ...(body === null ? {} : { 'content-type': 'application/json' }) };
  const answer = await transport.send({ method, url: uri, headers: all, body });
  const request = { path: new URL(uri).pathname };
  return { statusCode: answer.status, body: parsed(answer.body), request };
}

function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Error('its answer is no JSON; Look whether secrets.vault.address is a Vault');
  }
}

function statusOf(error: unknown): number | null {
  const { response } = error as { response?: { statusCode?: unknown } };
  return typeof response?.statusCode === 'number' ? response.statusCode : null;
}

/** What the store answers is not repeated: by its status alone people know what to do. */
function inWords(error: unknown, path: string): Error {
  const status = statusOf(error);
  if (status === null) return error as Error;
  if (status === 403) {
    return new Error(`the store does not let us read ${path}; Let the login's policy read it`);
  }
  if (status === 404) return new Error(`there is nothing at ${path}; Correct the path`);
  const remedy = status === 503 ? 'Unseal it' : 'Look into its log';
  return new Error(`the store answers with status ${status}; ${remedy}`);
}
