import { createHash } from 'node:crypto';
import { encoded, keySetOf, sealed, signed, signingKey } from './mint.ts';
import { goodClaims, goodHeader, keys, oidcToken, qdrantToken, seconds, secret } from './scene.ts';

/** A token that nobody may get in with, and what it is. */
export type BadToken = readonly [what: string, token: string];

const good = oidcToken();
const [head = '', body = '', signature = ''] = good.split('.');
const stranger = signingKey('RS256');
const pem = keys.rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const der = keys.rsa.publicKey.export({ format: 'der', type: 'spki' });
const short = signingKey('ES384', 'rs256');
const twice = (text: string, member: string) => text.replace('{', `{${member},`);
const claimsText = JSON.stringify(goodClaims);
const headerText = JSON.stringify(goodHeader);
const raw = (header: string, payload: string) => signed(header, payload, keys.rsa);
const qdrantRaw = (payload: string) => sealed('{"alg":"HS256","typ":"JWT"}', payload, secret);
const entry = (more: object) =>
  qdrantToken({ access: [{ collection: 'a', access: 'r', ...more }] });
const exists = (value: unknown) => qdrantToken({ value_exists: value });
const match = (value: object) => exists({ collection: 'users', matches: [value] });
const other = (digit: string) => (digit === 'A' ? 'B' : 'A');

/** Spellings that are not the one spelling of a token. */
export const badSpellings: readonly BadToken[] = [
  ['padding behind a part', `${head}=.${body}.${signature}`],
  ['padding behind the signature', `${good}=`],
  ['standard base64 letters', `${head}.${body}+/.${signature}`],
  ['bits left over in the last letter', bentTail(good)],
  ['an empty signature', `${head}.${body}.`],
  ['an empty payload', `${head}..${signature}`],
  ['two parts', `${head}.${body}`],
  ['four parts', `${good}.${signature}`],
  ['five parts, as an encrypted token has', `${head}.${body}.${signature}.e30.e30`],
  ['an escaped line end in it', `${head}.${body}%0a.${signature}`],
  ['over 8 KiB', oidcToken({ filler: 'x'.repeat(8000) })],
  ['a header that is no JSON', raw('{alg:RS256}', claimsText)],
  ['a header that is a list', raw('[]', claimsText)],
  ['a header with alg twice', raw(twice(headerText, '"alg":"none"'), claimsText)],
  [
    'a header with an escaped alg beside it',
    raw(twice(headerText, '"\\u0061lg":"none"'), claimsText),
  ],
  ['a header behind a byte order mark', raw(`\ufeff${headerText}`, claimsText)],
  ['a payload with aud twice', raw(headerText, twice(claimsText, '"aud":"other"'))],
  ['a payload with a key twice inside', raw(headerText, twice(claimsText, '"x":{"a":1,"a":2}'))],
  ['a payload that is text', raw(headerText, '"text"')],
  [
    'a payload of bytes that are not UTF-8',
    signed(goodHeader, Buffer.from('{"a":"\xff"}', 'latin1'), keys.rsa),
  ],
  ['a payload with something behind it', raw(headerText, `${claimsText}{}`)],
];

/** Headers by which a token would choose how it is verified. */
export const badHeaders: readonly BadToken[] = [
  ['alg none with no signature', `${encoded({ ...goodHeader, alg: 'none' })}.${body}.`],
  ['alg none with a signature', `${encoded({ ...goodHeader, alg: 'none' })}.${body}.${signature}`],
  ['alg None', oidcToken({}, { alg: 'None' })],
  ['no alg', oidcToken({}, { alg: undefined })],
  ['alg as a list', oidcToken({}, { alg: ['RS256'] })],
  [
    'HMAC with the public key in PEM',
    sealed({ ...goodHeader, alg: 'HS256', typ: 'JWT' }, { ...goodClaims, access: 'm' }, pem),
  ],
  [
    'HMAC with the public key in DER',
    sealed({ ...goodHeader, alg: 'HS256', typ: 'JWT' }, { ...goodClaims, access: 'm' }, der),
  ],
  [
    'HMAC with the published set',
    sealed(
      { ...goodHeader, alg: 'HS256', typ: 'JWT' },
      { ...goodClaims, access: 'm' },
      keySetOf(keys.rsa),
    ),
  ],
  [
    'HMAC with an empty secret',
    sealed({ ...goodHeader, alg: 'HS256', typ: 'JWT' }, { ...goodClaims, access: 'm' }, ''),
  ],
  ['HS512 with the public key', sealed({ ...goodHeader, alg: 'HS512' }, goodClaims, pem, 'sha512')],
  [
    'an algorithm that is not allowed',
    signed({ ...goodHeader, alg: 'RS512' }, goodClaims, { ...keys.rsa, alg: 'RS512' }),
  ],
  [
    'PS256 where RS256 is meant',
    signed({ ...goodHeader, alg: 'PS256' }, goodClaims, { ...keys.rsa, alg: 'PS256' }),
  ],
  ['an algorithm of another key', oidcToken({}, { alg: 'ES256' })],
  ['another curve under the same kid', signed({ ...goodHeader, alg: 'ES256' }, goodClaims, short)],
  ['jku', oidcToken({}, { jku: 'https://evil.example/jwks.json' })],
  ['x5u', oidcToken({}, { x5u: 'https://evil.example/cert.pem' })],
  ['jwk with its own key', signed({ ...goodHeader, jwk: stranger.jwk }, goodClaims, stranger)],
  ['x5c', oidcToken({}, { x5c: ['MIIB'] })],
  ['crit', oidcToken({}, { crit: ['exp'] })],
  ['b64 false', oidcToken({}, { crit: ['b64'], b64: false })],
  ['b64 true', oidcToken({}, { b64: true })],
  ['zip', oidcToken({}, { zip: 'DEF' })],
  ['a path in kid', oidcToken({}, { kid: '../../../../dev/null' })],
  ['a statement in kid', oidcToken({}, { kid: "rs256' OR '1'='1" })],
  ['a kid that is a number', oidcToken({}, { kid: 7 })],
  ['a kid without end', oidcToken({}, { kid: 'k'.repeat(300) })],
  ['an unknown kid', oidcToken({}, { kid: 'retired' })],
  ['the typ of a logout token', oidcToken({}, { typ: 'logout+jwt' })],
  ['the typ of a proof', oidcToken({}, { typ: 'dpop+jwt' })],
  ['no typ', oidcToken({}, { typ: undefined })],
  ['a typ that is a number', oidcToken({}, { typ: 1 })],
];

/** Signatures that are not the issuer's. */
export const badSignatures: readonly BadToken[] = [
  ['a signature of a stranger', signed(goodHeader, goodClaims, stranger)],
  ['a signature cut short', good.slice(0, -4)],
  [
    'a signature with a letter changed',
    `${head}.${body}.${other(signature[0] ?? '')}${signature.slice(1)}`,
  ],
  ['a payload changed', `${head}.${encoded({ ...goodClaims, sub: 'admin' })}.${signature}`],
  ['a header changed', `${encoded({ ...goodHeader, typ: 'JWT' })}.${body}.${signature}`],
  [
    'a signature of zeros on ES256',
    `${encoded({ ...goodHeader, alg: 'ES256', kid: 'es256' })}.${body}.${encoded(Buffer.alloc(64))}`,
  ],
  [
    'a signature in DER on ES256',
    `${encoded({ ...goodHeader, alg: 'ES256', kid: 'es256' })}.${body}.${encoded(Buffer.from('3006020101020101', 'hex'))}`,
  ],
];

/** Claims of the issuer that do not let in. */
export const badClaims: readonly BadToken[] = [
  ['another issuer', oidcToken({ iss: 'https://evil.example' })],
  ['an issuer with a slash behind it', oidcToken({ iss: `${goodClaims.iss}/` })],
  ['no issuer', oidcToken({ iss: undefined })],
  ['a list of issuers', oidcToken({ iss: [goodClaims.iss] })],
  ['another audience', oidcToken({ aud: 'billing' })],
  ['no audience', oidcToken({ aud: undefined })],
  ['an empty list of audiences', oidcToken({ aud: [] })],
  ['an audience that is an object', oidcToken({ aud: { vectorgate: true } })],
  ['a list with an audience that is no text', oidcToken({ aud: ['vectorgate', 1] })],
  ['an audience of which ours is a part', oidcToken({ aud: 'vectorgate.example' })],
  ['no expiry', oidcToken({ exp: undefined })],
  ['an expiry that is text', oidcToken({ exp: String(seconds + 60) })],
  ['an expiry without end', raw(headerText, claimsText.replace(/"exp":\d+/, '"exp":1e400'))],
  ['an expiry that is null', oidcToken({ exp: null })],
  ['an expiry in the past', oidcToken({ exp: seconds - 6 })],
  ['a beginning in the future', oidcToken({ nbf: seconds + 3600 })],
  ['a beginning that is text', oidcToken({ nbf: 'now' })],
  ['made in the future', oidcToken({ iat: seconds + 3600 })],
  ['no subject', oidcToken({ sub: undefined })],
  ['an empty subject', oidcToken({ sub: '' })],
  ['a subject with a line end', oidcToken({ sub: 'a\nb' })],
  ['a subject that is a number', oidcToken({ sub: 7 })],
  ['roles that are an object', oidcToken({ realm_access: { roles: { admin: true } } })],
  ['a role that is no text', oidcToken({ realm_access: { roles: ['search', null] } })],
  ['a claim that is an object', oidcToken({ tenants: { name: 'acme' } })],
  ['a claim with values without end', oidcToken({ tenants: Array.from({ length: 257 }, () => 1) })],
  ['an ID token', oidcToken({ at_hash: 'x' })],
  ['a logout token', oidcToken({ events: {} })],
  ['bound to a key that is not shown', oidcToken({ cnf: { jkt: 'x' } })],
  ['bound to a certificate and more', oidcToken({ cnf: { 'x5t#S256': thumb('a'), jkt: 'x' } })],
  ['bound to nothing', oidcToken({ cnf: {} })],
  ['a binding that is text', oidcToken({ cnf: 'x' })],
  ['bound to what is no SHA-256', oidcToken({ cnf: { 'x5t#S256': 'AAAA' } })],
  ['bound to a certificate that is not shown', oidcToken({ cnf: { 'x5t#S256': thumb('a') } })],
];

/** Tokens of Qdrant's own kind: what Qdrant would read as more than it says is among them. */
export const badQdrantTokens: readonly BadToken[] = [
  ['no access, which Qdrant takes for everything', qdrantToken({ access: undefined })],
  ['access null, the same', qdrantToken({ access: null })],
  ['nothing at all, the same', sealed({ alg: 'HS256' }, {}, secret)],
  ['access misspelt', qdrantToken({ access: undefined, acces: 'r' })],
  ['access in another case', qdrantToken({ access: undefined, Access: 'r' })],
  ['access in another case beside it', qdrantToken({ Access: 'm' })],
  ['value_exists misspelt', qdrantToken({ valueExists: {} })],
  ['value-exists misspelt', qdrantToken({ 'value-exists': {} })],
  ['no expiry', qdrantToken({ exp: undefined })],
  ['an expiry that is null', qdrantToken({ exp: null })],
  ['an expiry below zero', qdrantToken({ exp: -1 })],
  ['an expiry in the past', qdrantToken({ exp: seconds - 6 })],
  ['access w', qdrantToken({ access: 'w' })],
  ['access rw for everything', qdrantToken({ access: 'rw' })],
  ['access R', qdrantToken({ access: 'R' })],
  ['access as an object for its word', qdrantToken({ access: { r: null } })],
  ['access as an object for m', qdrantToken({ access: { m: null } })],
  ['access true', qdrantToken({ access: true })],
  ['a positional list', qdrantToken({ access: [['a', 'r']] })],
  ['a list of names', qdrantToken({ access: ['a'] })],
  ['an entry with payload', entry({ payload: { city: 'Berlin' } })],
  ['an entry with an unknown member', entry({ until: 1 })],
  ['an entry that says m', entry({ access: 'm' })],
  ['an entry whose word is an object', entry({ access: { r: null } })],
  ['an entry without a word', entry({ access: undefined })],
  ['an entry without a collection', entry({ collection: undefined })],
  ['an entry with an empty collection', entry({ collection: '' })],
  [
    'a collection twice',
    qdrantToken({
      access: [
        { collection: 'a', access: 'r' },
        { collection: 'a', access: 'rw' },
      ],
    }),
  ],
  ['access twice', qdrantRaw(`{"exp":${seconds + 60},"access":"r","access":"m"}`)],
  [
    'a member of an entry twice',
    qdrantRaw(`{"exp":${seconds + 60},"access":[{"collection":"a","access":"r","access":"rw"}]}`),
  ],
  [
    'access with an escape beside it',
    qdrantRaw(`{"exp":${seconds + 60},"access":"r","\\u0061ccess":"m"}`),
  ],
  ['a subject that is an object', qdrantToken({ subject: {} })],
  ['value_exists as text', exists('users')],
  ['value_exists without matches', exists({ collection: 'users' })],
  ['value_exists that asks nothing', exists({ collection: 'users', matches: [] })],
  [
    'value_exists with a member more',
    exists({ collection: 'users', matches: [{ key: 'a', value: 1 }], limit: 1 }),
  ],
  [
    'value_exists with a path as its collection',
    exists({ collection: '../users', matches: [{ key: 'a', value: 1 }] }),
  ],
  ['a match that is positional', exists({ collection: 'users', matches: [['a', 1]] })],
  ['a match without a value', match({ key: 'a' })],
  ['a match of an object', match({ key: 'a', value: {} })],
  ['a match of a fraction', match({ key: 'a', value: 1.5 })],
  ['a match of a number beyond exactness', match({ key: 'a', value: 2 ** 53 })],
  ['a match by no path', match({ key: 'a b', value: 1 })],
  ['a value that no point has', match({ key: 'a', value: 1 })],
  ['bound to a certificate', qdrantToken({ cnf: { 'x5t#S256': thumb('a') } })],
  ['another secret', qdrantToken({}, {}, 'yet another secret that is long enough for it')],
  [
    'HS512 with the secret',
    sealed({ alg: 'HS512', typ: 'JWT' }, { exp: seconds + 60, access: 'r' }, secret, 'sha512'),
  ],
  [
    'HS384 with the secret',
    sealed({ alg: 'HS384', typ: 'JWT' }, { exp: seconds + 60, access: 'r' }, secret, 'sha384'),
  ],
  ['the typ of another token', qdrantToken({}, { typ: 'at+jwt' })],
  ['crit', qdrantToken({}, { crit: ['exp'] })],
  ['not begun', qdrantToken({ nbf: seconds + 3600 })],
];

/** Every token above. */
export const badTokens: readonly BadToken[] = [
  ...badSpellings,
  ...badHeaders,
  ...badSignatures,
  ...badClaims.map(([what, token]): BadToken => [`${what} (OIDC)`, token]),
  ...badQdrantTokens.map(([what, token]): BadToken => [`${what} (Qdrant)`, token]),
];

/** A thumbprint of a certificate with this text. */
export function thumb(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** The same bytes with another last letter: 256 bytes leave four bits over. */
function bentTail(token: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = letters.indexOf(token.at(-1) ?? '');
  return token.slice(0, -1) + letters[last + 1];
}
