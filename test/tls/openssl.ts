import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether there is an `openssl` on the PATH. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A certificate and its key, in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is to say: lines of an extension section of `x509v3_config`, and the rest. */
export interface Ordered {
  readonly subject?: string;
  readonly extensions?: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
  readonly digest?: string;
  /** As `genpkey` takes it. */
  readonly key?: readonly string[];
}

/** An authority that OpenSSL keeps, in a folder of its own. */
export interface OpensslAuthority extends Issued {
  /** Has a certificate made and signed. */
  issue(what?: Ordered): Issued;
  /** Has an authority below it made. */
  below(name: string, extensions: readonly string[], what?: Ordered): OpensslAuthority;
  /** Its list, with these certificates revoked; `hours` until the next one. */
  list(revoked?: readonly Issued[], hours?: number): string;
}

const ecKey = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const caExtensions = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
const identifiers = ['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'];

/** Makes an authority that signed itself, in a folder that is there. */
export function opensslAuthority(folder: string, name: string): OpensslAuthority {
  const own = inFolder(join(folder, name));
  own.makeKey(ecKey, 'ca.key');
  own.request('ca.key', `/CN=${name}`, 'ca.csr');
  own.extensions([...caExtensions, 'subjectKeyIdentifier=hash']);
  own.openssl(
    'ca',
    '-selfsign',
    '-in',
    'ca.csr',
    '-keyfile',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
  );
  return authorityIn(folder, own);
}

/** A folder with the database that `openssl ca` keeps. */
function inFolder(folder: string) {
  mkdirSync(folder);
  const at = (file: string) => join(folder, file);
  const openssl = (command: string, ...args: readonly string[]) => {
    const batch = command === 'ca' ? ['-config', 'ca.cnf', '-batch', '-notext'] : [];
    execFileSync('openssl', [command, ...batch, ...args], { cwd: folder, stdio: 'pipe' });
  };
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('index.txt.attr'), 'unique_subject = no\n');
  writeFileSync(at('serial'), '1000\n');
  writeFileSync(at('crlnumber'), '1000\n');
  return {
    at,
    openssl,
    read: (file: string) => readFileSync(at(file), 'utf8'),
    makeKey: (kind: readonly string[], file: string) => openssl('genpkey', ...kind, '-out', file),
    request: (key: string, subject: string, file: string) =>
      openssl('req', '-new', '-key', key, '-subj', subject, '-out', file, '-utf8'),
    extensions: (lines: readonly string[]) => writeFileSync(at('ca.cnf'), configuration(lines)),
  };
}

function configuration(extensions: readonly string[]): string {
  return `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
default_md = sha256
policy = any
x509_extensions = wanted
preserve = yes
[any]
commonName = optional
organizationName = optional
organizationalUnitName = optional
[wanted]
${extensions.join('\n')}
`;
}

type Folder = ReturnType<typeof inFolder>;

function authorityIn(folder: string, own: Folder): OpensslAuthority {
  const signing = ['-keyfile', 'ca.key', '-cert', 'ca.pem'];
  let made = 0;
  const issueIn = (target: Folder, name: string, what: Ordered) => {
    const { subject = `/CN=made-${made}`, extensions = [], from = -1, to = 1, digest } = what;
    target.makeKey(what.key ?? ecKey, `${name}.key`);
    target.request(`${name}.key`, subject, `${name}.csr`);
    own.extensions(extensions.length === 0 ? [] : [...extensions, ...identifiers]);
    const times = ['-startdate', days(from), '-enddate', days(to)];
    const files = ['-in', target.at(`${name}.csr`), '-out', target.at(`${name}.pem`)];
    own.openssl('ca', ...files, ...times, ...signing, ...(digest ? ['-md', digest] : []));
  };
  return {
    certificate: own.read('ca.pem'),
    key: own.read('ca.key'),
    issue: (what = {}) => {
      const name = `leaf-${++made}`;
      issueIn(own, name, what);
      return { certificate: own.read(`${name}.pem`), key: own.read(`${name}.key`) };
    },
    below: (name, extensions, what = {}) => {
      const target = inFolder(join(folder, name));
      issueIn(target, 'ca', { to: 20, subject: `/CN=${name}`, ...what, extensions });
      return authorityIn(folder, target);
    },
    list: (revoked = [], hours = 24) => {
      own.extensions([]);
      for (const [index, { certificate }] of revoked.entries()) {
        writeFileSync(own.at(`revoke-${index}.pem`), certificate);
        own.openssl('ca', '-revoke', `revoke-${index}.pem`, ...signing);
      }
      const times = ['-crl_lastupdate', days(-2), '-crl_nextupdate', days(hours / 24)];
      own.openssl('ca', '-gencrl', '-out', 'list.pem', ...times, ...signing);
      return own.read('list.pem');
    },
  };
}

/** So many days from now, as `openssl ca` reads it: YYYYMMDDHHMMSSZ. */
function days(count: number): string {
  const time = new Date(Date.now() + count * 86_400_000).toISOString();
  return `${time.replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
