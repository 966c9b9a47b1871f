import { describe, expect, test } from 'vitest';
import { credentialOf as credentialIn } from '../../src/identity/credential.ts';
import { claimant, readAuthorization, refusalOf } from './claimant.ts';

const credentialOf = (shown: ReturnType<typeof claimant>) => credentialIn(shown, readAuthorization);

const nothing = 'Bearer';
const invalid = 'Bearer error="invalid_token"';

describe('the credential of a request', () => {
  test.each([
    ['api-key', { 'api-key': 'secret' }],
    ['a bearer token', { authorization: 'Bearer secret' }],
    ['the same in both', { 'api-key': 'secret', authorization: 'Bearer secret' }],
  ])('is taken from %s', (_where, fields) => {
    expect(credentialOf(claimant(fields))).toBe('secret');
  });

  test.each([
    ['nothing is sent', {}],
    ['the scheme is another', { authorization: 'Basic c2VjcmV0' }],
    ['the scheme is in lower case', { authorization: 'bearer secret' }],
    ['a tab follows the scheme', { authorization: 'Bearer\tsecret' }],
    ['the scheme stands alone', { authorization: 'Bearer' }],
    ['the scheme comes second', { authorization: ' Bearer secret' }],
    ['authorization is empty', { authorization: '' }],
  ])('is missing where %s', (_how, fields) => {
    const refusal = refusalOf(() => credentialOf(claimant(fields)));
    expect(refusal).toMatchObject({
      code: 'not-authenticated',
      http: 401,
      grpc: 16,
      challenge: nothing,
    });
  });

  test.each([
    ['an empty key', { 'api-key': '' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['two spaces', { authorization: 'Bearer  secret' }],
    ['a space at the end', { authorization: 'Bearer secret ' }],
    ['a tab in the key', { 'api-key': 'sec\tret' }],
    ['two keys merged into one', { 'api-key': 'good, bad' }],
    ['a NUL', { 'api-key': 'secret\0' }],
    ['DEL', { 'api-key': 'secret\x7f' }],
    ['an umlaut', { 'api-key': 'sécret' }],
    ['a letter that looks like another', { 'api-key': 's\u0435cret' }],
    ['a lone surrogate', { 'api-key': 'secret\ud800' }],
    ['8 KiB and one byte', { 'api-key': 'x'.repeat(8193) }],
    ['9 KiB in a token', { authorization: `Bearer ${'x'.repeat(9216)}` }],
    ['a rival token', { 'api-key': 'good', authorization: 'Bearer bad' }],
    ['a rival key', { 'api-key': 'bad', authorization: 'Bearer good' }],
    ['a key that only begins alike', { 'api-key': 'good', authorization: 'Bearer goods' }],
    ['a key beside another scheme', { 'api-key': 'good', authorization: 'Basic Z29vZA==' }],
    ['a key beside an empty token', { 'api-key': 'good', authorization: 'Bearer ' }],
    ['an empty key beside a token', { 'api-key': '', authorization: 'Bearer good' }],
  ])('with %s is not valid', (_what, fields) => {
    const refusal = refusalOf(() => credentialOf(claimant(fields)));
    expect(refusal).toMatchObject({ code: 'not-authenticated', challenge: invalid });
    for (const secret of ['good', 'bad', 'secret', 'xx']) {
      expect(refusal.message).not.toContain(secret);
    }
  });

  test('may have 8 KiB', () => {
    const longest = 'x'.repeat(8192);
    expect(credentialOf(claimant({ 'api-key': longest }))).toBe(longest);
  });

  test.each([
    ['api-key', ['good', 'bad']],
    ['api-key', ['bad', 'good']],
    ['api-key', ['good', 'good']],
    ['authorization', ['Bearer good', 'Bearer bad']],
    ['authorization', ['Bearer bad', 'Bearer good']],
  ])('is refused where %s is sent as %j', (name, values) => {
    const refusal = refusalOf(() => credentialOf(claimant({ [name]: values })));
    expect(refusal.code).toBe('unreadable-request');
  });

  test('is refused where the other header is repeated beside it', () => {
    const fields = { 'api-key': 'good', authorization: ['Bearer good', 'Bearer bad'] };
    expect(refusalOf(() => credentialOf(claimant(fields))).code).toBe('unreadable-request');
  });
});
