import type { BadCertificate } from './bad-certificates.ts';
import { type Issued, type OpensslAuthority, type Ordered, opensslAuthority } from './openssl.ts';

const id = 'spiffe://prod/ns/rag/sa/search';
const host = 'search.prod.example';
const honest = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=clientAuth',
];
const uri = (name: string) => [...honest, `subjectAltName=URI:${name}`];
const dns = (name: string) => [...honest, `subjectAltName=DNS:${name}`];
const rsa = (bits: number) => ['-algorithm', 'RSA', '-pkeyopt', `rsa_keygen_bits:${bits}`];
/** What OpenSSL does not write by itself: a name in DER, by its tag. */
const raw = (tag: number, name: string) => {
  const bytes = Buffer.from(name, 'latin1');
  const der = Buffer.concat([Buffer.from([0x30, bytes.length + 2, tag, bytes.length]), bytes]);
  return [...honest, `subjectAltName=DER:${der.toString('hex').replace(/(..)(?=.)/g, '$1:')}`];
};

/** Certificates as OpenSSL makes them, and what a gateway is to trust. */
export interface OpensslCertificates {
  /** PEM of the authorities, and of the list of each. */
  readonly authorities: string;
  readonly lists: string;
  readonly good: Issued;
  readonly bad: readonly BadCertificate[];
}

/** Makes them in a folder that is there; takes some seconds. */
export function opensslCertificates(folder: string): OpensslCertificates {
  const ca = opensslAuthority(folder, 'clients');
  const authority = 'basicConstraints=critical,CA:TRUE';
  const signs = 'keyUsage=critical,keyCertSign,cRLSign';
  const between = [
    ca.below('short', ['basicConstraints=critical,CA:TRUE,pathlen:0', signs]),
    ca.below('dev', [authority, signs, 'nameConstraints=critical,permitted;URI:dev']),
    ca.below('hosts', [authority, signs, 'nameConstraints=critical,excluded;DNS:prod.example']),
    ca.below('rsa', [authority, signs], { key: rsa(2048) }),
    ca.below('servers', [authority, signs, 'extendedKeyUsage=serverAuth']),
  ] as const;
  const revoked = ca.issue({ extensions: uri(id) });
  const bad = [...badByChain(ca, between, folder), ...badByThemselves(ca), ...badByName(ca)];
  const all: readonly OpensslAuthority[] = [ca, ...between];
  return {
    authorities: all.map(({ certificate }) => certificate).join(''),
    lists: [ca.list([revoked]), ...between.map((each) => each.list())].join(''),
    good: ca.issue({ extensions: uri(id) }),
    bad: [{ what: 'revoked', ...pair(revoked), reason: /REVOKED/ }, ...bad],
  };
}

type Between = readonly [
  OpensslAuthority,
  OpensslAuthority,
  OpensslAuthority,
  OpensslAuthority,
  OpensslAuthority,
];

function badByChain(
  ca: OpensslAuthority,
  [short, dev, hosts, rsaSigner, servers]: Between,
  folder: string,
): readonly BadCertificate[] {
  const other = opensslAuthority(folder, 'other');
  const below = short.below('below', ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign']);
  const mute = ca.below('mute', ['basicConstraints=critical,CA:TRUE', 'keyUsage=cRLSign']);
  const fake = ca.below('leaf', honest);
  const past = ca.below('past', ['basicConstraints=critical,CA:TRUE'], { from: -9, to: -1 });
  const search = { extensions: uri(id) };
  const sent = (one: Issued, ...more: readonly Issued[]) => ({
    certificate: [one, ...more].map(({ certificate }) => certificate).join(''),
    key: one.key,
  });
  return told([
    ['of another authority', other.issue(search), /UNABLE|SELF/],
    ['of an authority that only its client sends', sent(other.issue(search), other), /SELF|UNABLE/],
    ['signed by itself', ownSigned(folder), /SELF|UNABLE/],
    ['below an authority that may have none', sent(below.issue(search), below), /PATH_LENGTH|CRL/],
    ['below what is no authority', sent(fake.issue(search), fake), /INVALID|UNSPECIFIED|CRL/],
    ['below an authority of the past', sent(past.issue(search), past), /EXPIRED|CRL/],
    ['outside the domain of its authority', dev.issue(search), /PERMITTED|EXCLUDED|UNSPECIFIED/],
    [
      'of a host that its authority may not name',
      hosts.issue({ extensions: dns(host) }),
      /EXCLU|UNSP/,
    ],
    [
      'of an authority that may not sign',
      sent(mute.issue(search), mute),
      /INVALID|UNSPECIFIED|CRL/,
    ],
    ['signed with MD5', rsaSigner.issue({ ...search, digest: 'md5' }), /WEAK|UNSPECIFIED/],
    ['of an authority of servers', servers.issue(search), /PURPOSE/],
  ]);
}

function ownSigned(folder: string): Issued {
  const own = opensslAuthority(folder, 'itself');
  return { certificate: own.certificate, key: own.key };
}

function badByThemselves(ca: OpensslAuthority): readonly BadCertificate[] {
  const search = { extensions: uri(id) };
  const [basic = '', usage = '', purpose = ''] = honest;
  const name = `subjectAltName=URI:${id}`;
  const with1 = (...extensions: string[]): Ordered => ({ extensions });
  return made(ca, [
    ['that has ended', { ...search, from: -9, to: -0.01 }, /EXPIRED/],
    ['that begins tomorrow', { ...search, from: 1, to: 9 }, /NOT_YET/],
    ['for servers', with1(basic, usage, name, 'extendedKeyUsage=serverAuth'), /PURPOSE/],
    ['for mail', with1(basic, usage, name, 'extendedKeyUsage=emailProtection'), /PURPOSE/],
    [
      'for any purpose',
      with1(basic, usage, name, 'extendedKeyUsage=anyExtendedKeyUsage'),
      /PURP|expressly/,
    ],
    ['for no purpose expressly', with1(basic, usage, name), /expressly for clients/],
    [
      'that may only encipher',
      with1(basic, purpose, name, 'keyUsage=critical,keyEncipherment'),
      /PURPOSE/,
    ],
    [
      'that is an authority',
      with1(
        'basicConstraints=critical,CA:TRUE',
        'keyUsage=digitalSignature,keyCertSign',
        purpose,
        name,
      ),
      /it is an authority/,
    ],
    ['of version 1', { subject: '/O=Prod/CN=search' }, /expressly|PURPOSE|no rule|strictly/],
    [
      'with a critical extension nobody knows',
      with1(basic, usage, purpose, name, '1.2.3.4.5.6=critical,DER:05:00'),
      /CRITICAL|UNSPECIFIED/,
    ],
    ['signed with SHA-1', { ...search, digest: 'sha1' }, /WEAK|UNSPECIFIED/],
    ['with a key of RSA 1024', { ...search, key: rsa(1024) }, /SMALL|UNSPECIFIED|WEAK/],
  ]);
}

function badByName(ca: OpensslAuthority): readonly BadCertificate[] {
  const nobody = /no rule matches it/;
  const strict = /cannot be read strictly/;
  const uris = (...names: string[]) => ({
    extensions: [...honest, `subjectAltName=${names.map((name) => `URI:${name}`).join(',')}`],
  });
  const san = (text: string) => ({ extensions: [...honest, `subjectAltName=${text}`] });
  const wrongUris: readonly [string, string][] = [
    ['a port', 'spiffe://prod:443/ns/rag/sa/search'],
    ['a user', 'spiffe://root@prod/ns/rag/sa/search'],
    ['a query', `${id}?x=1`],
    ['no path', 'spiffe://prod'],
    ['an empty path', 'spiffe://prod/'],
    ['a slash at its end', `${id}/`],
    ['an empty segment', 'spiffe://prod/ns//rag/sa/search'],
    ['dot segments', 'spiffe://prod/ns/rag/sa/x/../search'],
    ['an encoded letter', 'spiffe://prod/ns/rag/sa/%73earch'],
    ['an upper-case scheme', 'SPIFFE://prod/ns/rag/sa/search'],
    ['an upper-case domain', 'spiffe://PROD/ns/rag/sa/search'],
    ['another domain', 'spiffe://dev/ns/rag/sa/search'],
    ['a wildcard', 'spiffe://prod/ns/rag/sa/*'],
    ['https in place of spiffe', 'https://prod/ns/rag/sa/search'],
  ];
  return made(ca, [
    ...wrongUris.map(([what, name]) => [`with ${what} in its URI`, uris(name), nobody] as const),
    // A # begins a comment in OpenSSL's own words for names.
    ['with a fragment in its URI', { extensions: raw(0x86, `${id}#x`) }, nobody],
    ['with two SPIFFE IDs', uris(id, 'spiffe://prod/other'), /more than one URI/],
    ['with the SPIFFE ID twice', uris(id, id), /more than one URI/],
    ['with a NUL in its URI', { extensions: raw(0x86, `${id}\0x`) }, strict],
    ['with a line end in its URI', { extensions: raw(0x86, `${id}\n`) }, strict],
    ['with a letter outside ASCII', { extensions: raw(0x86, 'spiffe://pr\u00f6d/ns') }, strict],
    ['with a NUL in its DNS name', { extensions: raw(0x82, `${host}\0.evil.example`) }, strict],
    ['with a common name only', { subject: `/CN=${host}`, extensions: honest }, nobody],
    [
      'with the SPIFFE ID as its common name',
      { subject: `/CN=${id.replaceAll('/', '\\/')}`, extensions: honest },
      nobody,
    ],
    ['with a wildcard DNS name', { extensions: dns('*.prod.example') }, nobody],
    ['with an upper-case DNS name', { extensions: dns('SEARCH.prod.example') }, nobody],
    ['with the SPIFFE ID as a DNS name', { extensions: dns(id) }, nobody],
    ['with an address only', san('IP:127.0.0.1'), nobody],
    ['with a mail address only', san('email:search@prod.example'), nobody],
    ['with a registered id only', san('RID:1.2.3.4'), nobody],
    ['that two rules match', san(`URI:${id},DNS:${host}`), /several rules/],
    ['with more in its subject', { subject: '/O=Prod/OU=x/CN=search', extensions: honest }, nobody],
    [
      'with its subject in another order',
      { subject: '/CN=search/O=Prod', extensions: honest },
      nobody,
    ],
  ]);
}

type Told = readonly [string, Issued, RegExp];
type Wanted = readonly [string, Ordered, RegExp];

function made(ca: OpensslAuthority, all: readonly Wanted[]): readonly BadCertificate[] {
  return told(all.map(([what, ordered, reason]) => [what, ca.issue(ordered), reason]));
}

function told(all: readonly Told[]): readonly BadCertificate[] {
  return all.map(([what, issued, reason]) => ({ what, ...pair(issued), reason }));
}

function pair({ certificate, key }: Issued) {
  return { cert: certificate, key };
}
