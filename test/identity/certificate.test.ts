import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeBearers } from '../../src/identity/certificate.ts';
import { type CombineMeans, makeCombined } from '../../src/identity/combine.ts';
import { notValid } from '../../src/identity/credential.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { isSpiffeId } from '../../src/identity/spiffe-id.ts';
import { type ClientCertificate, readClientCertificate } from '../../src/tls/client-certificate.ts';
import { type Forged, forge, forgeAuthority, nameOf } from '../tls/forge.ts';
import { claimant, refusalOf } from './claimant.ts';

const ca = forgeAuthority('CA');
const shown = (what: Forged) =>
  readClientCertificate(new X509Certificate(forge(what, ca).certificate));
const uri = 0x86;
const dns = 0x82;
const rules = [
  { match: { uri: 'spiffe://prod/a' }, principal: 'a', roles: ['r'], labels: { env: 'prod' } },
  { match: { dns: 'b.example' }, principal: 'b', roles: ['r'], labels: {} },
];

describe('whoever bears a certificate', () => {
  test('is the same frozen identity, whichever certificate of the rule is shown', () => {
    const bearer = makeBearers(rules);
    const one = bearer(shown({ names: [[uri, 'spiffe://prod/a']] }));
    expect(one).toEqual({
      ...{ kind: 'certificate', id: 'a', name: 'a', roles: ['r'], claims: {} },
      ...{ labels: { env: 'prod' }, expires: null },
    });
    expect(bearer(shown({ names: [[uri, 'spiffe://prod/a']], to: 5000 }))).toBe(one);
    expect(Object.isFrozen(one)).toBe(true);
  });

  test('is nobody by any other name than those of the rules', () => {
    const bearer = makeBearers(rules);
    const text = fc.oneof(
      fc.stringMatching(/^[!-~]{1,40}$/),
      fc.constantFrom('spiffe://prod/a/', 'spiffe://prod/A', 'b.example.'),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(uri, dns), (name, kind) => {
        const known = kind === uri ? name === 'spiffe://prod/a' : name === 'b.example';
        expect(typeof bearer(shown({ names: [[kind, name]] })) === 'object').toBe(known);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the subject of a certificate', () => {
  const cn = '2.5.4.3';
  test.each<[string, Buffer, string]>([
    [
      'several parts, the last first',
      nameOf(['2.5.4.6', 'DE'], ['2.5.4.10', 'A'], [cn, 'b']),
      'CN=b,O=A,C=DE',
    ],
    [
      'what has a meaning',
      nameOf([cn, ' #a,b+c"d\\e;f<g>h ']),
      'CN=\\ #a\\,b\\+c\\"d\\\\e\\;f\\<g\\>h\\ ',
    ],
    ['a hash sign', nameOf([cn, '#a']), 'CN=\\#a'],
    ['an equals sign and letters beyond ASCII', nameOf([cn, 'a=ä']), 'CN=a=ä'],
    ['a type without a name', nameOf(['1.2.3.4', 'x']), '1.2.3.4=#0c0178'],
    ['a value of another type', nameOf([cn, Buffer.from([0x1e, 2, 0, 0x61])]), 'CN=#1e020061'],
    ['no part', nameOf(), ''],
  ])('with %s is written as RFC 4514 does', (_what, subject, text) => {
    expect(shown({ subject })).toMatchObject({ subject: text, oddity: null });
  });

  test('is another text for another name', () => {
    const value = fc.stringMatching(/^[ab,+=\\" #<]{1,6}$/);
    const parts = fc.array(fc.tuple(fc.constantFrom(cn, '2.5.4.10'), value), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const [left, right] = [one, other].map(
          (each) => shown({ subject: nameOf(...each) }).subject,
        );
        expect(left === right).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 60 },
    );
  });

  test.each([['a control character', nameOf([cn, 'a\u0001'])]])(
    'with %s makes nobody anybody',
    (_what, subject) => {
      expect(shown({ subject })).toMatchObject({
        subject: '',
        oddity: expect.stringContaining('strictly'),
      });
    },
  );
});

describe('a certificate with anything in it', () => {
  test('is read, or is odd, and never throws', () => {
    const good = new X509Certificate(forge({ names: [[uri, 'spiffe://prod/a']] }, ca).certificate);
    const bearer = makeBearers(rules);
    fc.assert(
      fc.property(fc.nat(good.raw.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const raw = Buffer.from(good.raw);
        raw[at] = (raw[at] ?? 0) ^ flip;
        const { fingerprint256, validToDate } = good;
        const odd = { raw, fingerprint256, validToDate, issuerCertificate: undefined };
        const read = readClientCertificate(odd as unknown as X509Certificate);
        const known = read.oddity === null && read.uris[0] === 'spiffe://prod/a';
        expect(typeof bearer(read) === 'object').toBe(known);
        if (read.oddity !== null) expect(read.oddity).not.toBe('');
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a SPIFFE ID', () => {
  test.each([
    'spiffe://prod/a',
    'spiffe://a.b-c_d/ns/x/sa/Y.z_0-',
    `spiffe://p/${'a'.repeat(2000)}`,
  ])('%s is one', (text) => expect(isSpiffeId(text)).toBe(true));
  test.each([
    ...['', 'spiffe://', 'spiffe://prod', 'spiffe://prod/', 'spiffe:///a', 'https://prod/a'],
    ...['spiffe://Prod/a', 'spiffe://prod/a/', 'spiffe://prod//a', 'spiffe://prod/./a'],
    ...['spiffe://prod/../a', 'spiffe://prod/a?b', 'spiffe://prod/a#b', 'spiffe://prod:1/a'],
    ...['spiffe://u@prod/a', 'spiffe://prod/%61', 'spiffe://prod/*', 'spiffe://prod/a b'],
    ...['SPIFFE://prod/a', `spiffe://${'p'.repeat(256)}/a`, `spiffe://p/${'a'.repeat(2048)}`],
  ])('%j is none', (text) => expect(isSpiffeId(text)).toBe(false));
});

describe('a certificate beside another credential', () => {
  const key: Identity = Object.freeze({
    ...{ kind: 'key', id: 'k', name: 'key', roles: ['x'], claims: {}, labels: {}, expires: null },
  } as const);
  const certificate = shown({ names: [[uri, 'spiffe://prod/a']] });
  const gate = (combine: CombineMeans['combine'], change: Partial<CombineMeans> = {}) =>
    makeCombined({
      combine,
      credential: ({ field }) => {
        if (field('api-key') !== 'good') throw notValid('no');
        return key;
      },
      bearer: makeBearers(rules),
      objection: () => null,
      now: () => 0,
      ...change,
    });
  const both = (client: ClientCertificate | null = certificate) =>
    claimant({ 'api-key': 'good' }, { client });
  const alone = claimant({}, { client: certificate });

  test('is a rival, is bound to it, or says nothing, as was chosen', () => {
    expect(refusalOf(() => gate('refuse')(both())).message).toContain('rival');
    expect(gate('transport')(both())).toBe(key);
    expect(gate('both')(both())).toMatchObject({
      id: 'k',
      beside: { id: 'a', kind: 'certificate' },
    });
    for (const combine of ['refuse', 'both'] as const) {
      expect(gate(combine)(alone)).toMatchObject({ kind: 'certificate', id: 'a' });
      expect(gate(combine)(both(null))).toBe(key);
    }
    expect(refusalOf(() => gate('transport')(alone)).code).toBe('not-authenticated');
  });

  test('is the same frozen pair each time', () => {
    const authenticate = gate('both');
    const pair = authenticate(both());
    expect(authenticate(both())).toBe(pair);
    expect(Object.isFrozen(pair)).toBe(true);
  });

  test('is a rival also where the other is empty, or of another kind', () => {
    for (const fields of [
      { 'api-key': '' },
      { authorization: 'Basic eA==' },
      { authorization: '' },
    ]) {
      const request = claimant(fields, { client: certificate });
      expect(refusalOf(() => gate('refuse')(request)).message).toContain('rival');
      expect(refusalOf(() => gate('both')(request)).code).toBe('not-authenticated');
    }
  });

  test('with both, neither stands in for the other', () => {
    const stranger = shown({ names: [[uri, 'spiffe://prod/z']] });
    expect(refusalOf(() => gate('both')(both(stranger))).message).toContain('no rule matches');
    const wrong = claimant({ 'api-key': 'bad' }, { client: certificate });
    expect(refusalOf(() => gate('both')(wrong)).code).toBe('not-authenticated');
  });

  test('waits for a credential that takes time', async () => {
    const authenticate = gate('both', { credential: async () => key });
    expect(await authenticate(both())).toMatchObject({ id: 'k', beside: { id: 'a' } });
  });

  test('that counts no more is refused whatever stands beside it', () => {
    for (const combine of ['refuse', 'both', 'transport'] as const) {
      const authenticate = gate(combine, { objection: () => 'it is revoked' });
      for (const request of [both(), alone]) {
        expect(refusalOf(() => authenticate(request)).message).toBe(
          'client certificate: it is revoked',
        );
      }
    }
  });
});
