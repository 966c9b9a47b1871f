import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { makeAdminToken } from '../admin/admin-token.ts';
import { loadConfig } from '../config/load.ts';
import { prepare } from '../gateway/prepare.ts';
import { addKey } from '../identity/keys/change.ts';
import { mintKey } from '../identity/keys/mint.ts';
import { makeDevCertificates, writeDevCertificates } from '../tls/dev-certificates.ts';
import { type FirstSetup, firstConfiguration, firstPolicies } from './init-files.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Writes a configuration that serves, and everything that it names; asks nothing. */
export const verb: Verb = {
  name: 'init',
  summary: 'Write a configuration, a policy, certificates, a first key and an admin token',
  usage: 'init [--database qdrant] [--listen 127.0.0.1] [--out vectorgate]',
  options: {
    database: { type: 'string', default: 'qdrant', help: 'qdrant or milvus (default: qdrant)' },
    listen: {
      type: 'string',
      default: '127.0.0.1',
      help: 'the address that clients reach (default: 127.0.0.1; 0.0.0.0 for all)',
    },
    out: { type: 'string', default: 'vectorgate', help: 'a new folder (default: vectorgate)' },
  },
  run: async ({ values, json, print, complain }) => {
    const setup = setupOf(values);
    const folder = String(values['out']);
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      throw new Error(`${folder} is there and not empty; name another folder with --out`);
    }
    const written = await writeSetup(folder, setup);
    prepare(loadConfig(written.config));
    if (json) {
      print(JSON.stringify(written));
      return 0;
    }
    print(`${written.config}   the configuration`);
    print(`${written.key}   a key of the role app, mode 0600`);
    print(`${written.adminToken}   the admin token, for emergencies, mode 0600`);
    complain(`Move the database as ${written.config} says, then:`);
    complain(`vectorgate serve --config ${written.config}`);
    return 0;
  },
};

/** Where everything was written. */
interface Written {
  readonly config: string;
  readonly key: string;
  readonly adminToken: string;
  readonly ca: string;
}

function setupOf({ database, listen }: VerbInput['values']): FirstSetup {
  if (database !== 'qdrant' && database !== 'milvus') {
    throw new BadUsage(`--database ${database} is unknown; write qdrant or milvus`);
  }
  if (typeof listen !== 'string' || (isIP(listen) === 0 && listen !== 'localhost')) {
    throw new BadUsage(`--listen ${listen} is no address; write 127.0.0.1 or 0.0.0.0`);
  }
  return { database, listen };
}

/** The secrets go to files that nobody else can read, and to no terminal. */
async function writeSetup(folder: string, setup: FirstSetup): Promise<Written> {
  mkdirSync(join(folder, 'policies'), { recursive: true, mode: 0o700 });
  const write = (name: string, text: string, mode: number) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode, flag: 'wx' });
    return path;
  };
  for (const [name, text] of Object.entries(firstPolicies(setup))) {
    write(join('policies', name), text, 0o644);
  }
  const { ca } = writeDevCertificates(join(folder, 'certs'), makeDevCertificates(), false);
  const { privateKey } = generateKeyPairSync('ed25519');
  const signing = privateKey.export({ type: 'pkcs8', format: 'pem' });
  write('audit-key.pem', signing.toString(), 0o600);
  const { key, entry } = mintKey({ name: 'first', roles: ['app'] }, Date.now());
  await addKey(join(folder, 'keys.yaml'), entry);
  return {
    config: write('vectorgate.yaml', firstConfiguration(setup), 0o600),
    key: write('first-key', `${key}\n`, 0o600),
    adminToken: write('admin-token', `${makeAdminToken()}\n`, 0o600),
    ca,
  };
}
