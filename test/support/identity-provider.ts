import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SigningKey } from '../identity/tokens/mint.ts';

/** What the provider is served with. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** What a token is to say, beside what every token says. */
export type ExtraClaims = Readonly<Record<string, unknown>>;

/** An identity provider that is not ours (`oidc-provider`), on https. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly jwks: string;
  /** Asks for an access token as a client does (RFC 6749, section 4.4). */
  token(extra?: ExtraClaims): Promise<string>;
  /** Signs with this key from now on, and publishes no other. */
  rotate(key: SigningKey): Promise<void>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** How often its keys were asked for. */
  readonly keyFetches: number;
}

const client = { id: 'rag-service', secret: 'secret-of-the-client-of-the-provider' };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a provider whose tokens are for `vectorgate`. */
export async function startProvider(
  served: ServerCertificate,
  first: SigningKey,
): Promise<IdentityProvider> {
  let handler: Handler = () => undefined;
  let extra: ExtraClaims = {};
  let keyFetches = 0;
  let server = serve();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const issuer = `https://localhost:${port}`;

  function serve(): Server {
    const [cert, key] = [served.certificate, served.key].map((path) => readFileSync(path));
    return createServer({ cert, key } as object, (asked, answer) => {
      if (asked.url === '/jwks') keyFetches++;
      handler(asked, answer);
    });
  }

  async function use(key: SigningKey): Promise<void> {
    handler = await providerOf(issuer, key, () => extra);
  }
  await use(first);

  return {
    issuer,
    jwks: `${issuer}/jwks`,
    token: (more = {}) => {
      extra = more;
      return askForToken(issuer, readFileSync(served.ca));
    },
    rotate: use,
    goDown: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    comeBack: async () => {
      server = serve();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    get keyFetches() {
      return keyFetches;
    },
  };
}

async function providerOf(
  issuer: string,
  key: SigningKey,
  extra: () => ExtraClaims,
): Promise<Handler> {
  const { default: Provider } = (await import('oidc-provider' as string)) as {
    default: new (issuer: string, options: object) => { callback(): Handler };
  };
  const jwk = {
    ...key.privateKey.export({ format: 'jwk' }),
    kid: key.kid,
    alg: key.alg,
    use: 'sig',
  };
  const resource = {
    scope: 'search',
    audience: 'vectorgate',
    accessTokenFormat: 'jwt',
    accessTokenTTL: 600,
    jwt: { sign: { alg: key.alg } },
  };
  const provider = new Provider(issuer, {
    jwks: { keys: [jwk] },
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: key.alg,
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:vectorgate',
        getResourceServerInfo: () => resource,
      },
    },
    extraTokenClaims: () => extra(),
  });
  return provider.callback();
}

async function askForToken(issuer: string, ca: Buffer): Promise<string> {
  const agent = new Agent({ ca, keepAlive: false });
  const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const sent = request(`${issuer}/token`, { method: 'POST', agent, headers });
  sent.end('grant_type=client_credentials&resource=urn%3Avectorgate');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await answer.toArray()).toString();
  const { access_token: token } = JSON.parse(text) as { access_token?: string };
  if (!token) throw new Error(`the provider gave no token: ${text}`);
  return token;
}
