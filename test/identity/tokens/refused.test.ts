import { describe, expect, test } from 'vitest';
import { badTokens } from './bad-tokens.ts';
import { oidcToken, qdrantToken, refusedToken, tokenScene } from './scene.ts';

describe('a bad token', () => {
  test('has more than sixty ways to be one, each of its own', () => {
    expect(badTokens.length).toBeGreaterThanOrEqual(60);
    expect(new Set(badTokens.map(([what]) => what)).size).toBe(badTokens.length);
    expect(new Set(badTokens.map(([, token]) => token)).size).toBeGreaterThan(badTokens.length - 3);
  });

  test.each(badTokens)('is refused, always alike: %s', async (_what, token) => {
    const { show } = tokenScene();
    const refusal = await refusedToken(() => show(token));
    const { code, http, grpc, told, challenge, retryAfter } = refusal;
    expect({ code, http, grpc, told, challenge, retryAfter }).toEqual({
      code: 'not-authenticated',
      http: 401,
      grpc: 16,
      told: 'A valid credential is required',
      challenge: 'Bearer error="invalid_token"',
      retryAfter: undefined,
    });
  });

  test.each(badTokens)('is refused again, also beside good ones: %s', async (_what, token) => {
    const { show } = tokenScene();
    await show(oidcToken());
    await show(qdrantToken());
    await refusedToken(() => show(token));
    await refusedToken(() => show(token));
  });

  test.each(badTokens)('leaves no part of itself in the reason: %s', async (_what, token) => {
    const { show } = tokenScene();
    const { message } = await refusedToken(() => show(token));
    for (const part of token.split('.')) {
      if (part.length > 8) expect(message).not.toContain(part);
    }
    expect(message.length).toBeLessThan(200);
  });
});

describe('the tokens that the bad ones are made from', () => {
  test.each([
    ['of the issuer', oidcToken()],
    ['of the issuer, for several audiences', oidcToken({ aud: ['a', 'vectorgate'] })],
    ['of the issuer, of typ JWT', oidcToken({}, { typ: 'JWT' })],
    ['of the issuer, of typ application/at+jwt', oidcToken({}, { typ: 'application/AT+JWT' })],
    ['of the issuer, with a hint of its certificate', oidcToken({}, { x5t: 'AAAA' })],
    ['of Qdrant', qdrantToken()],
    ['of Qdrant, for everything', qdrantToken({ access: 'm' })],
    ['of Qdrant, for nothing', qdrantToken({ access: [] })],
    [
      'of Qdrant, with null for what it does not say',
      qdrantToken({ value_exists: null, subject: null }),
    ],
    ['of Qdrant, with claims that Qdrant ignores', qdrantToken({ iss: 'x', aud: 'y', sub: 'z' })],
    ['of Qdrant, without a typ', qdrantToken({}, { typ: undefined })],
  ])('are good: %s', async (_what, token) => {
    expect(await tokenScene().show(token)).toMatchObject({ kind: 'token' });
  });
});
