import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialFields, readAuthorization } from '../../../src/catalog/milvus/credential.ts';

const key = 'vg_abcd_secret';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the credential that a client of Milvus shows', () => {
  it.each([
    ['the base64 of a key', base64(key)],
    ['the base64 of user and key', base64(`anything:${key}`)],
    ['the base64 of a colon and a key', base64(`:${key}`)],
    ['Bearer and a key', `Bearer ${key}`],
    ['Bearer, user and key', `Bearer anything:${key}`],
    ['Basic', `Basic ${base64(`root:${key}`)}`],
    ['Basic without a user', `Basic ${base64(key)}`],
    ['user and key as they stand', `root:${key}`],
  ])('is read from %s', (_how, value) => {
    expect(readAuthorization(value)).toBe(key);
  });

  it('may hold colons behind a user', () => {
    expect(readAuthorization(base64('user:a:b'))).toBe('a:b');
  });

  it.each([
    ['nothing', ''],
    ['a key as it stands', key],
    ['base64 without its padding', base64('root:12').replace(/=+$/, '')],
    ['base64 of the URL alphabet', base64('bob:Passw>?rd1>?').replace('+', '-').replace('/', '_')],
    ['base64 with bits left over', 'cm9vdDoxMh=='],
    ['base64 with a space', `${base64(key).slice(0, 4)} ${base64(key).slice(4)}`],
    ['base64 with a space at its end', `${base64(key)} `],
    ['base64 twice', `${base64(key)}, ${base64(key)}`],
    ['bearer in lower case', `bearer ${key}`],
    ['basic in lower case', `basic ${base64(key)}`],
    ['Basic and nothing', 'Basic '],
  ])('is not read from %s', (_what, value) => {
    expect(readAuthorization(value) ?? 'nothing').not.toBe(key);
    expect(readAuthorization(value)).toSatisfy((read: unknown) => read === null || read === '');
  });

  it('has one spelling in base64', () => {
    const alphabet = [...'ABCDabcd0189+/=-_ '];
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 24 }), (value) => {
        const read = readAuthorization(value);
        if (read === null) return;
        expect(Buffer.from(value, 'base64').toString('base64')).toBe(value);
      }),
    );
  });
});

describe("the gateway's own credential", () => {
  it('stands as each protocol of Milvus reads it', () => {
    expect(credentialFields('root:Milvus', 'grpc')).toEqual(['authorization', 'cm9vdDpNaWx2dXM=']);
    expect(credentialFields('root:Milvus', 'http')).toEqual([
      'authorization',
      'Bearer root:Milvus',
    ]);
  });
});
