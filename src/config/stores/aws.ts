import type { SecretsConfig } from './section.ts';
import type { Secret, SecretStore } from './store.ts';
import type { Transport } from './transport.ts';

type AwsConfig = NonNullable<SecretsConfig['aws']>;

/** A request as the client signed it. */
interface Signed {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Opens AWS Secrets Manager. Who asks is found as every AWS client finds it: variables, a web
 * identity, the role of a container or of a machine. */
export async function openAws(config: AwsConfig, transport: Transport): Promise<SecretStore> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const client = new SecretsManagerClient({
    region: config.region,
    maxAttempts: 2,
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    requestHandler: { handle: (request: Signed) => handle(transport, request) } as never,
  });
  return {
    read: async (path) => {
      try {
        const told = await client.send(new GetSecretValueCommand({ SecretId: path }));
        if (told.SecretString !== undefined) return secretOf(told.SecretString);
      } catch (error) {
        throw inWords(error as Error, path);
      }
      throw new Error(`${path} holds bytes, and no text; Store it as a text`);
    },
    lease: Number.POSITIVE_INFINITY,
    close: async () => {
      client.destroy();
      await transport.close();
    },
  };
}

async function handle(transport: Transport, request: Signed) {
  const { method, protocol, hostname, port, path, headers, body } = request;
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : null;
  const answer = await transport.send({ method, url: `${origin}${path}`, headers, body: sent });
  const { status: statusCode, headers: told } = answer;
  return { response: { statusCode, headers: told, body: new Uint8Array(answer.body) } };
}

/** A secret of keys is stored as the text of a JSON object. */
function secretOf(text: string): Secret {
  if (!text.startsWith('{')) return { text, keys: {} };
  try {
    return { text, keys: JSON.parse(text) as Secret['keys'] };
  } catch {
    return { text, keys: {} };
  }
}

const remedies: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'there is no secret NAME; Correct its name or the region',
  AccessDeniedException: 'we may not read NAME; Allow secretsmanager:GetSecretValue for it',
  DecryptionFailure: 'NAME cannot be decrypted; Allow kms:Decrypt with its key',
  CredentialsProviderError: 'nobody is logged in to AWS here; Give the process a role',
};

/** What the store answers is not repeated: by the name of its error people know what to do. */
function inWords(error: Error, path: string): Error {
  const known = remedies[error.name];
  if (known) return new Error(known.replace('NAME', path));
  if (!('$metadata' in error) || error.message.includes('; ')) return error;
  return new Error(`the store answers with ${error.name}; Look it up in the AWS manual`);
}
