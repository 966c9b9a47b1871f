import { type Forged, type Forger, forge, forgeAuthority, nameOf } from './forge.ts';

/** A client certificate that must make nobody anybody, and what the log is to say. */
export interface BadCertificate {
  readonly what: string;
  readonly cert: string;
  readonly key: string;
  readonly reason: RegExp;
}

const day = 86_400_000;
const uri = 0x86;
const dns = 0x82;
const id = 'spiffe://prod/ns/rag/sa/search';
const serverAuth = '1.3.6.1.5.5.7.3.1';
const common = '2.5.4.3';

/** Rules that honest certificates match. */
export const rules = [
  { match: { uri: id }, principal: 'search', roles: ['reader'] },
  { match: { dns: 'search.prod.example' }, principal: 'search-dns', roles: ['reader'] },
  { match: { subject: 'CN=search,O=Prod' }, principal: 'search-subject', roles: ['reader'] },
] as const;

/** Certificates by which somebody is known. */
export function goodCertificates(ca: Forger): readonly Omit<BadCertificate, 'reason'>[] {
  const good: readonly [string, Forged][] = [
    ['a SPIFFE ID', { names: [[uri, id]] }],
    [
      'a DNS name among others',
      {
        names: [
          [dns, 'a.example'],
          [dns, 'search.prod.example'],
        ],
      },
    ],
    ['its whole subject', { subject: nameOf(['2.5.4.10', 'Prod'], [common, 'search']) }],
  ];
  return good.map(([what, forged]) => shown(what, forge(forged, ca)));
}

/** Every certificate that is bad, of the authority that is trusted or of another. */
export function badCertificates(ca: Forger, revoked: number): readonly BadCertificate[] {
  const other = forgeAuthority('Another CA');
  const sameName = forgeAuthority('Clients CA');
  const plain = forge({ names: [[uri, id]] }, ca);
  const inter = forgeAuthority('Intermediate', ca);
  const short = forgeAuthority('Short', ca, { pathLength: 0 });
  const below = forgeAuthority('Below', short);
  const chained = (leaf: Forger, ...sent: readonly Forger[]) => ({
    ...leaf,
    certificate: [leaf, ...sent].map(({ certificate }) => certificate).join(''),
  });
  const nobody = /no rule matches it/;
  const strict = /cannot be read strictly/;
  const named = (text: string) => forge({ names: [[uri, text]] }, ca);
  const host = (text: string) => forge({ names: [[dns, text]] }, ca);
  const all: readonly [string, Forger, RegExp][] = [
    ['expired', forge({ names: [[uri, id]], to: -1000 }, ca), /EXPIRED/],
    ['not valid yet', forge({ names: [[uri, id]], from: day / 2 }, ca), /NOT_YET/],
    ['of another authority', forge({ names: [[uri, id]] }, other), /UNABLE|SELF/],
    [
      'of an authority of the same name',
      forge({ names: [[uri, id]] }, sameName),
      /UNABLE|SIGNATURE|SELF|CERT/,
    ],
    ['signed by itself', forge({ names: [[uri, id]] }, null), /SELF|UNABLE/],
    ['for servers only', forge({ names: [[uri, id]], purposes: [serverAuth] }, ca), /PURPOSE/],
    [
      'for nothing expressly',
      forge({ names: [[uri, id]], purposes: null }, ca),
      /expressly for clients/,
    ],
    [
      'for any purpose',
      forge({ names: [[uri, id]], purposes: ['2.5.29.37.0'] }, ca),
      /PURPOSE|expressly/,
    ],
    [
      'an authority itself',
      forge({ names: [[uri, id]], authority: true, usage: 0b1000_0110 }, ca),
      /it is an authority/,
    ],
    [
      'an authority that may not sign',
      forge({ names: [[uri, id]], authority: true, usage: null }, ca),
      /it is an authority/,
    ],
    [
      'with two URIs',
      forge(
        {
          names: [
            [uri, id],
            [uri, 'spiffe://prod/other'],
          ],
        },
        ca,
      ),
      /more than one URI/,
    ],
    [
      'with the same URI twice',
      forge(
        {
          names: [
            [uri, id],
            [uri, id],
          ],
        },
        ca,
      ),
      /more than one URI/,
    ],
    ['with the name as its common name only', forge({ subject: nameOf([common, id]) }, ca), nobody],
    [
      'with the host as its common name only',
      forge({ subject: nameOf([common, 'search.prod.example']) }, ca),
      nobody,
    ],
    ['with the URI as a DNS name', host(id), nobody],
    ['with the DNS name as a URI', named('search.prod.example'), nobody],
    ['with no name at all', forge({ subject: nameOf() }, ca), nobody],
    ['of another trust domain', named('spiffe://dev/ns/rag/sa/search'), nobody],
    ['of a trust domain below', named('spiffe://a.prod/ns/rag/sa/search'), nobody],
    ['with a port in the trust domain', named('spiffe://prod:443/ns/rag/sa/search'), nobody],
    ['with a user in the trust domain', named('spiffe://prod@dev/ns/rag/sa/search'), nobody],
    ['with dot segments', named('spiffe://prod/ns/rag/sa/other/../search'), nobody],
    ['with encoded dot segments', named('spiffe://prod/ns/rag/sa/other/%2e%2e/search'), nobody],
    ['with an empty segment', named('spiffe://prod/ns/rag//sa/search'), nobody],
    ['with a slash at the end', named(`${id}/`), nobody],
    ['with a query', named(`${id}?a`), nobody],
    ['with a fragment', named(`${id}#a`), nobody],
    ['with the scheme in another case', named('SPIFFE://prod/ns/rag/sa/search'), nobody],
    ['with the trust domain in another case', named('spiffe://PROD/ns/rag/sa/search'), nobody],
    ['with the path in another case', named('spiffe://prod/ns/rag/sa/Search'), nobody],
    ['with a longer path', named(`${id}/x`), nobody],
    ['with a shorter path', named('spiffe://prod/ns/rag/sa'), nobody],
    ['with an encoded letter', named('spiffe://prod/ns/rag/sa/%73earch'), nobody],
    ['with a wildcard URI', named('spiffe://prod/ns/rag/sa/*'), nobody],
    ['with a NUL in its URI', named(`${id}\0.example`), strict],
    ['with a line end in its URI', named(`${id}\n`), strict],
    ['with a space in its URI', named(`${id} `), strict],
    ['with letters outside ASCII in its URI', named('spiffe://pr\u00f6d/ns'), strict],
    ['with a wildcard DNS name', host('*.prod.example'), nobody],
    ['with the DNS name in another case', host('Search.prod.example'), nobody],
    ['with a dot behind the DNS name', host('search.prod.example.'), nobody],
    ['with a NUL in its DNS name', host('search.prod.example\0.evil.example'), strict],
    ['with a name that only looks alike, in punycode', host('xn--search-9za.prod.example'), nobody],
    ['with letters outside ASCII in its DNS name', host('s\u00e9arch.prod.example'), strict],
    [
      'that two rules match',
      forge(
        {
          names: [
            [uri, id],
            [dns, 'search.prod.example'],
          ],
        },
        ca,
      ),
      /several rules/,
    ],
    [
      'with its subject in another order',
      forge({ subject: nameOf([common, 'search'], ['2.5.4.10', 'Prod']) }, ca),
      nobody,
    ],
    [
      'with more in its subject',
      forge({ subject: nameOf(['2.5.4.10', 'Prod'], ['2.5.4.11', 'x'], [common, 'search']) }, ca),
      nobody,
    ],
    [
      'with its subject in one attribute',
      forge({ subject: nameOf([common, 'search,O=Prod']) }, ca),
      nobody,
    ],
    [
      'with a NUL in its subject',
      forge({ subject: nameOf(['2.5.4.10', 'Prod'], [common, 'search\0']) }, ca),
      strict,
    ],
    ['whose intermediate was not sent', forge({ names: [[uri, id]] }, inter), /UNABLE/],
    [
      'whose intermediate is no authority',
      chained(forge({ names: [[uri, id]] }, plain), plain),
      /UNSPECIFIED|INVALID/,
    ],
    [
      'below an authority that may have none',
      chained(forge({ names: [[uri, id]] }, below), below, short),
      /PATH_LENGTH|UNABLE_TO_GET_CRL/,
    ],
    ['whose authority is of the past', chained(...ofThePast(ca)), /EXPIRED/],
    ['signed with SHA-1', forge({ names: [[uri, id]], digest: 'sha1' }, ca), /UNSPECIFIED|WEAK/],
    ['revoked', forge({ names: [[uri, id]], serial: revoked }, ca), /REVOKED/],
  ];
  return all.map(([what, forger, reason]) => ({ ...shown(what, forger), reason }));
}

function ofThePast(ca: Forger): [Forger, Forger] {
  const past = forgeAuthority('Past', ca, { to: -1000 });
  return [forge({ names: [[uri, id]] }, past), past];
}

function shown(what: string, { certificate: cert, key }: Forger) {
  return { what, cert, key };
}
