import { sign, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeBearers } from '../../src/identity/certificate.ts';
import { readClientCertificate } from '../../src/tls/client-certificate.ts';
import { der } from '../../src/tls/der.ts';
import { derOnly, derTag } from '../../src/tls/der-reader.ts';
import { readRevocationLists } from '../../src/tls/revocation.ts';
import { fieldsOf } from '../../src/tls/x509.ts';
import { forge, forgeAuthority, forgeList, nameOf } from '../tls/forge.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 3000);
const uri = 'spiffe://prod/ns/rag/sa/search';
const dns = 'search.prod.example';
const subject = nameOf(['2.5.4.10', 'Prod'], ['2.5.4.3', 'search']);
const ca = forgeAuthority('Clients CA');
const good = [
  forge({ names: [[0x86, uri]] }, ca),
  forge(
    {
      names: [
        [0x82, 'a.example'],
        [0x82, dns],
        [0x87, '\x7f\0\0\x01'],
      ],
    },
    ca,
  ),
  forge({ subject }, ca),
].map(({ certificate }) => new X509Certificate(certificate));
const bearer = makeBearers([
  { match: { uri }, principal: 'uri', roles: ['r'], labels: {} },
  { match: { dns }, principal: 'dns', roles: ['r'], labels: {} },
  { match: { subject: 'CN=search,O=Prod' }, principal: 'subject', roles: ['r'], labels: {} },
]);

/** Bytes that are changed, put in, taken out, or copied from elsewhere. */
const edits = fc.array(
  fc.record({
    at: fc.nat(1000),
    taken: fc.nat(3),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.constantFrom(...['*', '\0', uri, dns, 'search'].map((text) => Buffer.from(text))),
      fc.constantFrom([0x82, 0], [0x86, 0], [0x30, 0x80], [0x1f, 0x81], [0x84, 1], [5, 0]),
    ),
    resized: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);
type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

/** With the lengths around an edit kept right, now and then, so that what is inside is looked at. */
function edited(bytes: Buffer, by: Edits): Buffer {
  return by.reduce((all, { at, taken, put, resized }) => {
    const place = at % all.length;
    const after = resized ? place + put.length : place + taken;
    return Buffer.concat([all.subarray(0, place), Uint8Array.from(put), all.subarray(after)]);
  }, bytes);
}

/** The body of a certificate or list as it was edited, signed by the authority all the same. */
function signedAnew(whole: Buffer, by: Edits): Buffer {
  const parts = fieldsOf(derOnly(whole, derTag.sequence));
  const body = edited(parts.take(derTag.sequence).whole, by);
  const algorithm = parts.take(derTag.sequence).whole;
  return der.sequence(body, algorithm, der.bits(sign('sha256', body, ca.signer)));
}

function parsed(raw: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(raw);
  } catch {
    return null;
  }
}

const tally = { parsed: 0, known: 0, odd: 0 };

it('whoever a certificate is, OpenSSL reads the same name in it, and the same purpose', () => {
  const holds = fc.property(fc.constantFrom(...good), edits, (certificate, by) => {
    const shown = parsed(signedAnew(certificate.raw, by));
    if (!shown) return;
    tally.parsed += 1;
    const read = readClientCertificate(shown);
    const identity = bearer(read);
    if (read.oddity !== null) tally.odd += 1;
    if (typeof identity === 'string') return;
    tally.known += 1;
    expect(shown.ca).toBe(false);
    expect(shown.keyUsage).toContain('1.3.6.1.5.5.7.3.2');
    const names = (shown.subjectAltName ?? '').split(', ');
    if (identity.id === 'uri') expect(names).toContain(`URI:${uri}`);
    if (identity.id === 'dns') expect(names).toContain(`DNS:${dns}`);
    if (identity.id === 'subject') expect(shown.subject).toBe('O=Prod\nCN=search');
  });
  fc.assert(holds, { numRuns });
  expect(tally.parsed).toBeGreaterThan(numRuns / 20);
  expect(tally.known).toBeGreaterThan(numRuns / 100);
});

it('a revocation list is read whole, or refused with a RangeError', () => {
  const list = forgeList(ca, { serials: [77, 78, 79] });
  const whole = Buffer.from(list.replace(/-----[^-]+-----|\n/g, ''), 'base64');
  let read = 0;
  const holds = fc.property(edits, (by) => {
    try {
      for (const { serials, nextUpdate } of readRevocationLists(signedAnew(whole, by))) {
        read += 1;
        expect(nextUpdate).not.toBeNaN();
        for (const serial of serials) expect(serial).toMatch(/^[0-9a-f]*$/);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
  });
  fc.assert(holds, { numRuns });
  expect(read).toBeGreaterThan(0);
});
