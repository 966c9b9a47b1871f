import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as a store got it. */
export interface StoreAsked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A stand-in for a secret store. */
export interface StoreDouble {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly asked: StoreAsked[];
  /** What it does instead of answering; null: it answers. */
  trouble: Trouble | null;
  close(): Promise<void>;
}

/** How a store can fail: by this status, without an end, with too much, with what is no JSON. */
export type Trouble = number | 'silent' | 'huge' | 'html' | 'redirect';

/** A Vault double: tokens that count, service accounts that may log in, and secrets by path. */
export interface VaultDouble extends StoreDouble {
  readonly tokens: Set<string>;
  readonly secrets: Map<string, Record<string, unknown>>;
  /** Each login gets the next of `login-1`, `login-2`, …, which counts from then on. */
  readonly accounts: Map<string, string>;
  /** Seconds that a login lasts; 0: for ever. */
  lease: number;
  renewable: boolean;
}

type Certified = { readonly key: string; readonly cert: string } | null;

/**
 * A stand-in that answers as Vault's HTTP API is documented: KV version 2 at `secret/` (GET
 * /v1/secret/data/PATH), token lookup and renewal, Kubernetes login. It knows no policies, versions,
 * namespaces, wrapping or seal, and no token ends by itself: a test takes it away.
 */
export async function openVaultDouble(certified: Certified = null): Promise<VaultDouble> {
  const state = {
    tokens: new Set(['root-token']),
    secrets: new Map<string, Record<string, unknown>>(),
    accounts: new Map<string, string>(),
    lease: 0,
    renewable: false,
  };
  let logins = 0;
  const auth = (token: string) => ({
    auth: { client_token: token, lease_duration: state.lease, renewable: state.renewable },
  });
  const answer = ({ path, headers, body }: StoreAsked): [number, unknown] => {
    if (path === '/v1/auth/kubernetes/login') {
      const { role, jwt } = JSON.parse(body) as { role: string; jwt: string };
      if (state.accounts.get(role) !== jwt) return [403, { errors: ['permission denied'] }];
      const token = `login-${++logins}`;
      state.tokens.add(token);
      return [200, auth(token)];
    }
    const token = String(headers['x-vault-token'] ?? '');
    if (!state.tokens.has(token)) return [403, { errors: [`bad token ${token}`] }];
    if (path === '/v1/auth/token/renew-self') return [200, auth(token)];
    if (path === '/v1/auth/token/lookup-self') {
      return [200, { data: { ttl: state.lease, renewable: state.renewable } }];
    }
    const data = state.secrets.get(path.replace('/v1/secret/data/', ''));
    if (!data) return [404, { errors: [] }];
    return [200, { data: { data, metadata: { version: 1, destroyed: false } } }];
  };
  return openStore(state, answer, certified);
}

/** An AWS double: secrets by name, as they are stored. */
export interface AwsDouble extends StoreDouble {
  readonly secrets: Map<string, string>;
}

/**
 * A stand-in that answers GetSecretValue as AWS Secrets Manager documents it (AWS JSON 1.1), and only
 * where the request carries a Signature Version 4. It does not verify the signature, and knows no
 * other operation, no versions and no binary secrets.
 */
export async function openAwsDouble(): Promise<AwsDouble> {
  const secrets = new Map<string, string>();
  const answer = ({ headers, body }: StoreAsked): [number, unknown] => {
    const signed = /^AWS4-HMAC-SHA256 Credential=.+SignedHeaders=.+Signature=[0-9a-f]{64}$/;
    if (!signed.test(headers.authorization ?? '')) return refusal('MissingAuthenticationToken');
    if (headers['content-type'] !== 'application/x-amz-json-1.1') return refusal('Serialization');
    if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return refusal('UnknownOp');
    const { SecretId: name } = JSON.parse(body) as { SecretId: string };
    const text = secrets.get(name);
    if (text === undefined) return refusal('ResourceNotFoundException');
    return [200, { Name: name, SecretString: text, VersionId: 'v1' }];
  };
  return openStore({ secrets }, answer, null);
}

function refusal(type: string): [number, unknown] {
  return [400, { __type: type, message: 'no' }];
}

async function openStore<Own extends object>(
  own: Own,
  answer: (asked: StoreAsked) => [number, unknown],
  certified: Certified,
): Promise<StoreDouble & Own> {
  const asked: StoreAsked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: path = '', headers } = request;
    const one = { method, path, headers, body: await text(request) };
    asked.push(one);
    if (double.trouble !== null) return misbehave(response, double.trouble);
    const [status, told] = answer(one);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(told));
  };
  const server: Server = certified ? createTlsServer(certified, serve) : createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const double: StoreDouble & Own = Object.assign(own, {
    address: `${certified ? 'https' : 'http'}://127.0.0.1:${port}`,
    asked,
    trouble: null as Trouble | null,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return double;
}

function misbehave(response: ServerResponse, trouble: Trouble): void {
  if (trouble === 'silent') return;
  if (trouble === 'redirect') {
    response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end();
  } else if (trouble === 'html') response.end('<html>secret-in-a-page</html>');
  else if (trouble === 'huge') response.end(Buffer.alloc(4 * 1024 * 1024, 0x20));
  else response.writeHead(trouble).end(JSON.stringify({ errors: ['secret-in-an-error'] }));
}
