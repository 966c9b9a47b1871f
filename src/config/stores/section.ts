import { z } from 'zod';
import { isLoopback } from '../../proxy/config.ts';

const secondsIn = { s: 1, m: 60, h: 3600 };

const address = z
  .string('the address is missing; write it as https://vault.example.com:8200')
  .refine(isSafe, {
    message: 'secrets from there could be read on their way; use https://, or a loopback address',
  })
  .transform((text) => text.replace(/\/+$/, ''));

const refresh = z
  .string('is no time; write it as 30s, 5m or 1h')
  .regex(/^[1-9]\d{0,4}[smh]$/, 'is no time; write it as 30s, 5m or 1h')
  .transform((text) => {
    return Number(text.slice(0, -1)) * secondsIn[text.slice(-1) as keyof typeof secondsIn];
  })
  .refine((seconds) => seconds >= 10 && seconds <= 86_400, 'is no such time; use 10s to 24h');

const path = (what: string) =>
  z
    .string(`${what} is missing; give its path in the store`)
    .regex(/^[\w.-]+(?:\/[\w.-]+)*$/, `${what} is no path in the store; use a-z, 0-9, - _ . and /`);

const file = z.string().min(1, 'names no file; give its path');

const kubernetes = z.strictObject({
  role: path('the role'),
  mount: path('the mount').default('kubernetes'),
  tokenFile: file.default('/var/run/secrets/kubernetes.io/serviceaccount/token'),
});

const vault = z
  .strictObject({
    address,
    mount: path('the mount').default('secret'),
    namespace: path('the namespace').optional(),
    ca: file.optional(),
    token: z.string().min(1, 'is empty; refer to a variable that holds it').optional(),
    tokenFile: file.optional(),
    kubernetes: kubernetes.optional(),
  })
  .refine(
    ({ token, tokenFile, kubernetes: own }) =>
      [token, tokenFile, own].filter((way) => way !== undefined).length === 1,
    'there must be one way to log in; give token, tokenFile or kubernetes',
  );

const aws = z.strictObject({
  region: z.string('the region is missing; write it as eu-west-1').regex(/^[a-z0-9-]+$/, {
    error: 'is no region; write it as eu-west-1',
  }),
  endpoint: address.optional(),
  ca: file.optional(),
});

/** The `secrets:` section: the stores that references may lead to. */
export const secretsSection = z.strictObject({
  refresh: refresh.prefault('5m'),
  vault: vault.optional(),
  aws: aws.optional(),
});

/** What `secrets:` says, with its defaults; `refresh` in seconds. */
export type SecretsConfig = Readonly<z.output<typeof secretsSection>>;

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (username !== '' || search !== '' || hash !== '') return false;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(host));
}
