import { describe, expect, test } from 'vitest';
import { check, readDocument } from '../../src/document.ts';
import { Misconfigured, type Problem } from '../../src/problem.ts';
import { tlsSection } from '../../src/tls/config.ts';

const load = (text: string) => check(readDocument('tls.yaml', text), tlsSection);

function problemsIn(text: string): readonly Problem[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
  return [];
}

describe('the tls section', () => {
  test('TLS 1.3 and no client certificates unless something else is said', () => {
    expect(load('certificate: c.pem\nkey: k.pem')).toEqual({
      certificate: 'c.pem',
      key: 'k.pem',
      minVersion: 'TLSv1.3',
      clientCa: null,
      clientCertificate: 'none',
      crl: [],
      crlStale: 'refuse',
    });
  });

  const good = 'certificate: c.pem\nkey: k.pem\n';
  const clients = `${good}clientCa: ca.pem\nclientCertificate: optional\n`;
  test.each([
    ['key: k.pem', 1, 'certificate', 'is missing'],
    ['certificate: c.pem', 1, 'key', 'is missing'],
    ['certificate: ""\nkey: k.pem', 1, 'certificate', 'is empty'],
    [`${good}minVersion: TLSv1.1`, 3, 'minVersion', 'no such version'],
    [`${good}minVersion: 1.3`, 3, 'minVersion', 'no such version'],
    [`${good}clientCertificate: maybe`, 3, 'clientCertificate', 'no such choice'],
    [`${good}clientCertificate: required`, 3, 'clientCertificate', 'nothing can verify'],
    [`${good}clientCertificate: optional`, 3, 'clientCertificate', 'nothing can verify'],
    [`${good}clientCa: ca.pem`, 3, 'clientCa', 'but not what for'],
    [`${good}crl: ca.crl`, 3, 'crl', 'asked for no certificate'],
    [`${clients}crl: []`, 5, 'crl', 'no revocation list'],
    [`${clients}crl: [""]`, 5, 'crl[0]', 'revocation list is empty'],
    [`${clients}crlStale: maybe`, 5, 'crlStale', 'no such choice'],
    [`${good}ciphers: ALL`, 3, 'ciphers', 'unknown key'],
  ])('%j is refused at its line', (text, line, path, message) => {
    const problems = problemsIn(text);
    expect(problems).toMatchObject([{ file: 'tls.yaml', line, path }]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.remedy).toMatch(/^\S.{6,}[^.]$/s);
  });
});
