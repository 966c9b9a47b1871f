import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readDocument } from '../document.ts';
import { address, isLoopback } from '../proxy/config.ts';
import { readSecretFile } from '../secret-file.ts';
import { type AdminDoor, answersAt } from './ask-admin.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** The options by which commands find a running gateway and prove who asks. */
export const adminOptions = {
  config: { type: 'string', help: 'the configuration (default: vectorgate.yaml, if there is one)' },
  address: { type: 'string', help: 'where its admin port listens (default: as configured)' },
  'admin-token-file': {
    type: 'string',
    help: 'a file of the administrator’s token (default: VECTORGATE_ADMIN_TOKEN)',
  },
  'admin-code': { type: 'string', help: 'a one-time code, where the token asks for one' },
  'admin-ca': { type: 'string', help: 'the authorities of its certificate, a PEM file' },
  'admin-certificate': { type: 'string', help: 'the administrator’s certificate, a PEM file' },
  'admin-key': { type: 'string', help: 'its key, a PEM file' },
} as const satisfies Verb['options'];

/** What commands take from a configuration, which need not be whole for them. */
export interface AdminPlace {
  /** The configuration itself; null: there is none. */
  readonly config: string | null;
  /** The key file that it names; null: it keeps its keys elsewhere, or says so by a reference. */
  readonly keyFile: string | null;
  /** Null: it opens no admin port. */
  readonly door: AdminDoor | null;
}

const usual = 'vectorgate.yaml';

/** Reads where a gateway would be administered; null without a configuration. Only what is asked
 * for is read of it, so that the secrets it refers to need not be at hand. Throws `BadUsage`,
 * `Misconfigured`, file system errors. */
export function adminPlace(values: VerbInput['values']): AdminPlace | null {
  const named = textOf(values['config']);
  if (named === null && !existsSync(usual) && textOf(values['address']) === null) return null;
  const file = named ?? usual;
  if (named === null && !existsSync(file)) {
    return { config: null, keyFile: null, door: doorOf(values, {}, '.') };
  }
  const { data } = readDocument(file, readFileSync(file, 'utf8'));
  const { admin, identity } = Object(data) as { admin?: object; identity?: { keys?: object } };
  const { path } = Object(identity?.keys) as { path?: unknown };
  const base = dirname(resolve(file));
  const isPlain = typeof path === 'string' && !path.includes('${');
  return {
    config: file,
    keyFile: isPlain ? resolve(base, path) : null,
    door: admin || values['address'] !== undefined ? doorOf(values, Object(admin), base) : null,
  };
}

/** Where a gateway runs that is administered there; null: none does. */
export async function runningDoor(place: AdminPlace | null): Promise<AdminDoor | null> {
  return place?.door && (await answersAt(place.door)) ? place.door : null;
}

interface Section {
  readonly listen?: unknown;
  readonly tls?: unknown;
  readonly token?: unknown;
  readonly tokenFile?: unknown;
}

function doorOf(values: VerbInput['values'], section: Section, base: string): AdminDoor {
  const written = textOf(values['address']) ?? textOf(section.listen) ?? '127.0.0.1:9633';
  const read = address.safeParse(written);
  if (!read.success) throw new BadUsage(`${written} is no address; write --address 127.0.0.1:9633`);
  const { host, port } = read.data;
  const secured = section.tls !== undefined || !isLoopback(host);
  const everywhere = host === '0.0.0.0' || host === '::';
  return {
    host: everywhere ? 'localhost' : host,
    port,
    tls: secured ? shownOver(values) : null,
    token: tokenOf(values, section, base),
    code: textOf(values['admin-code']),
  };
}

function shownOver(values: VerbInput['values']): NonNullable<AdminDoor['tls']> {
  const read = (option: string, secret: boolean) => {
    const path = textOf(values[option]);
    if (path === null) return null;
    return secret ? readSecretFile(path) : readFileSync(path);
  };
  const ca = read('admin-ca', false);
  const cert = read('admin-certificate', false);
  const key = read('admin-key', true);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** What is named on the command line counts before what is around it, and the configuration
 * last. */
function tokenOf(
  values: VerbInput['values'],
  { token, tokenFile }: Section,
  base: string,
): string | null {
  const named = textOf(values['admin-token-file']);
  if (named !== null) return readSecretFile(named).toString('utf8').trim();
  const around = process.env['VECTORGATE_ADMIN_TOKEN'];
  if (around) return around;
  if (textOf(values['admin-certificate']) !== null) return null;
  const kept = textOf(tokenFile);
  const path = kept === null ? null : resolve(base, kept);
  if (path !== null && existsSync(path)) return readSecretFile(path).toString('utf8').trim();
  const plain = textOf(token);
  return plain?.includes('${') ? null : plain;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
