import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../src/problem.ts';
import { readClientCertificate } from '../../src/tls/client-certificate.ts';
import type { TlsSection } from '../../src/tls/config.ts';
import { der } from '../../src/tls/der.ts';
import { isSignedBy } from '../../src/tls/list-signature.ts';
import { loadMaterial } from '../../src/tls/material.ts';
import { readRevocationLists } from '../../src/tls/revocation.ts';
import { sectionOf, temporaryFolder } from './folder.ts';
import { extension, type Forged, forge, forgeAuthority, forgeList } from './forge.ts';
import { attempt, serve } from './handshake.ts';

const day = 86_400_000;
const ca = forgeAuthority('Clients CA');
const read = (pem: string) => readRevocationLists(Buffer.from(pem));
const client = (what: Forged = {}) =>
  readClientCertificate(new X509Certificate(forge(what, ca).certificate));

/** A section that trusts the authority, with these lists. */
function section(lists: readonly string[], change: Partial<TlsSection> = {}): TlsSection {
  const folder = temporaryFolder();
  const written = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const crl = lists.map((text, at) => written(`${at}.crl`, text));
  const clientCa = written('clients.pem', ca.certificate);
  return sectionOf({ clientCa, clientCertificate: 'required', crl, ...change });
}

function problemsOf(lists: readonly string[], change: Partial<TlsSection> = {}): string[] {
  try {
    loadMaterial(section(lists, change));
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

describe('a revocation list', () => {
  test('tells its serials and times, and who signed it', () => {
    const [list] = read(forgeList(ca, { serials: [1, 0x80, 77] }));
    if (!list) throw new Error('one was made');
    expect([...list.serials]).toEqual(['01', '0080', '4d']);
    expect(list.nextUpdate - list.thisUpdate).toBeGreaterThan(day);
    expect(isSignedBy(list, new X509Certificate(ca.certificate))).toBe(true);
    const stranger = forgeAuthority('Clients CA');
    expect(isSignedBy(list, new X509Certificate(stranger.certificate))).toBe(false);
    const cut = { ...list, signed: Buffer.concat([list.signed, Buffer.of(0)]) };
    expect(isSignedBy(cut, new X509Certificate(ca.certificate))).toBe(false);
  });

  test('may stand in DER, or beside others in one file', () => {
    const pem = forgeList(ca, { serials: [5] });
    const bytes = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    expect(readRevocationLists(bytes)[0]?.serials).toEqual(new Set(['05']));
    expect(read(pem + forgeList(ca))).toHaveLength(2);
  });

  const oid = (text: string) => extension(text, true, der.sequence());
  test.each([
    [
      'is a delta',
      { extensions: [extension('2.5.29.27', true, der.integer(Uint8Array.of(1)))] },
      'delta',
    ],
    ['covers a part only', { extensions: [oid('2.5.29.28')] }, 'a part only'],
    [
      'covers a part only and plays it down',
      { extensions: [extension('2.5.29.28', false, der.sequence())] },
      'a part only',
    ],
    [
      'has an extension nobody knows',
      { extensions: [oid('1.2.3.4')] },
      'critical extension 1.2.3.4',
    ],
    [
      'says the same twice',
      {
        extensions: [
          extension('2.5.29.20', false, der.sequence()),
          extension('2.5.29.20', false, der.sequence()),
        ],
      },
      'twice',
    ],
    ['speaks for others', { serials: [1], ofEntries: [oid('2.5.29.29')] }, 'another authority'],
    ['does not say when the next one comes', { next: null }, 'nextUpdate'],
  ])('that %s is refused', (_what, what, message) => {
    expect(() => read(forgeList(ca, what))).toThrow(message);
  });

  test.each(['', 'no list', '-----BEGIN X509 CRL-----\nAAAA', ca.certificate])(
    '%j is none',
    (text) => expect(() => read(text)).toThrow(RangeError),
  );

  test('that was cut, or had a byte changed, is refused or was not signed so', () => {
    const pem = forgeList(ca, { serials: [1, 2, 3] });
    const bytes = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    const authority = new X509Certificate(ca.certificate);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ flip;
        const accepted = (file: Buffer) => {
          try {
            return readRevocationLists(file).some((list) => isSignedBy(list, authority));
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
            return false;
          }
        };
        expect(accepted(changed)).toBe(false);
        expect(accepted(bytes.subarray(0, at))).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

describe('the lists of a section', () => {
  test.each([
    [
      'of another authority',
      () => [forgeList(forgeAuthority('Clients CA'))],
      'no authority of clientCa signed',
    ],
    [
      'signed with SHA-1',
      () => [forgeList(ca, { digest: 'sha1' })],
      'no authority of clientCa signed',
    ],
    ['of the future', () => [forgeList(ca, { from: day, next: 2 * day })], 'starts only on'],
    ['that are stale', () => [forgeList(ca, { next: -1000 })], 'it is stale since'],
    ['given twice', () => [forgeList(ca), forgeList(ca)], 'two lists of one authority'],
    ['that are none', () => ['nothing'], 'is no revocation list'],
  ])('%s are a problem', (_what, lists, message) => {
    expect(problemsOf(lists())).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  test('are one for each authority', () => {
    const both = join(temporaryFolder(), 'both.pem');
    writeFileSync(both, ca.certificate + forgeAuthority('Second CA').certificate);
    expect(problemsOf([forgeList(ca)], { clientCa: both })).toEqual([
      expect.stringContaining('no list of the authority CN=Second CA'),
    ]);
  });

  test('are among the files that are watched', () => {
    const own = section([forgeList(ca)]);
    expect(loadMaterial(own).files).toEqual(expect.arrayContaining([...own.crl]));
  });
});

describe('the standing of a certificate', () => {
  const standing = (lists: readonly string[], change: Partial<TlsSection> = {}) => {
    const found = loadMaterial(section(lists, change)).clients?.standing;
    if (!found) throw new Error('clients are asked');
    return found;
  };
  const now = Date.now();

  test('is good until it, its authority or its list ends', () => {
    const { objection } = standing([forgeList(ca, { next: 3 * day })]);
    const leaf = client({ to: day });
    expect(objection(leaf, now)).toBeNull();
    expect(objection(leaf, now + 2 * day)).toContain('expired');
    expect(objection(client({ to: 9 * day }), now + 4 * day)).toContain('stale');
  });

  test('with crlStale: accept goes on with a late list, and yet knows who is in it', () => {
    const late = forgeList(ca, { next: -1000, serials: [9] });
    const { objection } = standing([late], { crlStale: 'accept' });
    expect(objection(client(), now)).toBeNull();
    expect(objection(client({ serial: 9 }), now)).toContain('revoked');
  });

  test('does not confuse serials that differ in length or sign', () => {
    const { objection } = standing([forgeList(ca, { serials: [0x80] })]);
    expect(objection(client({ serial: 0x80 }), now)).toContain('revoked');
    for (const serial of [0x8000, 0x08, 0x180])
      expect(objection(client({ serial }), now)).toBeNull();
  });

  test('follows intermediates, and asks the list of each authority', () => {
    const inter = forgeAuthority('Intermediate', ca, { serial: 600 });
    const both = join(temporaryFolder(), 'both.pem');
    writeFileSync(both, ca.certificate + inter.certificate);
    const leaf = readClientCertificate(
      new X509Certificate(forge({ serial: 700 }, inter).certificate),
    );
    const judged = (root: number[], below: number[]) => {
      const lists = [forgeList(ca, { serials: root }), forgeList(inter, { serials: below })];
      return standing(lists, { clientCa: both }).objection(leaf, now);
    };
    expect(judged([], [])).toBeNull();
    expect(judged([600], [])).toContain('revoked');
    expect(judged([], [700])).toContain('revoked');
    expect(judged([700], [600])).toBeNull();
  });
});

describe('in the handshake', () => {
  for (const crlStale of ['refuse', 'accept'] as const) {
    test(`${crlStale}: who is revoked does not come in, who is not does`, async () => {
      const running = await serve(section([forgeList(ca, { serials: [9] })], { crlStale }));
      const [good, gone] = [forge({}, ca), forge({ serial: 9 }, ca)];
      const shown = ({ certificate: cert, key }: typeof good) => ({ cert, key });
      expect(await attempt(running.port, shown(gone))).toMatchObject({ accepted: false });
      expect(running.failures).toMatchObject([
        { kind: 'certificate', reason: expect.stringMatching(/REVOKED|revoked/) },
      ]);
      expect(await attempt(running.port, shown(good))).toMatchObject({ accepted: true });
    });
  }

  test('a session brings nobody back whose certificate was revoked meanwhile', async () => {
    const first = section([forgeList(ca)]);
    const running = await serve(first);
    const { certificate: cert, key } = forge({ serial: 9 }, ca);
    const before = await attempt(running.port, { cert, key });
    if (!before.accepted) throw new Error(before.error);
    writeFileSync(first.crl[0] ?? '', forgeList(ca, { serials: [9] }));
    running.replace(loadMaterial(first));
    const session = before.sessions.at(-1) ?? before.socket.getSession();
    for (const own of [{}, { cert, key }]) {
      const again = await attempt(running.port, { ...own, ...(session && { session }) });
      expect(again).toMatchObject({ accepted: false });
    }
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.runIf(hasOpenssl)('what openssl makes', () => {
  test('is read alike', () => {
    const folder = temporaryFolder();
    const at = (name: string) => join(folder, name);
    const leaf = forge({ serial: 4711 }, ca);
    writeFileSync(at('ca.pem'), ca.certificate);
    writeFileSync(at('ca.key'), ca.key);
    writeFileSync(at('leaf.pem'), leaf.certificate);
    writeFileSync(at('index.txt'), '');
    writeFileSync(at('number'), '01\n');
    const lines = ['[ca]', 'default_ca=d', '[d]', `database=${at('index.txt')}`];
    const more = [`crlnumber=${at('number')}`, 'default_md=sha256', 'default_crl_days=3'];
    writeFileSync(at('ca.cnf'), [...lines, ...more, ''].join('\n'));
    const own = ['-config', at('ca.cnf'), '-keyfile', at('ca.key'), '-cert', at('ca.pem')];
    const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    run('ca', ...own, '-revoke', at('leaf.pem'), '-crl_reason', 'keyCompromise');
    run('ca', ...own, '-gencrl', '-out', at('ca.crl'));
    const [list] = readRevocationLists(readFileSync(at('ca.crl')));
    expect(list?.serials).toEqual(new Set(['1267']));
    expect(problemsOf([readFileSync(at('ca.crl'), 'utf8')])).toEqual([]);
  });
});
