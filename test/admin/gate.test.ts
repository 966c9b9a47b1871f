import { describe, expect, it } from 'vitest';
import { makeAdminToken } from '../../src/admin/admin-token.ts';
import { stepsSince } from '../../src/admin/code-steps.ts';
import type { AdminConfig } from '../../src/admin/config.ts';
import { type GateMeans, makeGate } from '../../src/admin/gate.ts';
import { oneTimeCode } from '../../src/admin/one-time-code.ts';
import type { Asked } from '../../src/admin/port.ts';
import { requireFresh } from '../../src/admin/step-up.ts';
import type { ClientCertificate } from '../../src/tls/client-certificate.ts';
import type { Peer } from '../../src/tls/peer.ts';
import { identity } from '../audit/scene.ts';
import { hashOf, sharedToken, totp } from './scene.ts';

const now = 1_700_000_000_000;
const minute = 60_000;
const own = makeAdminToken();
const jwt = 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA';
const client = { fingerprint: 'sha256:00' } as ClientCertificate;
const peer = { address: '10.0.0.7', port: 5, client, certificate: 'sha256:00' } as Peer;

const administrators: AdminConfig['administrators'] = [
  { name: 'kim', roles: ['key-manager'], token: hashOf(own), totp },
  { name: 'deployer', roles: ['key-manager'], certificate: { dns: 'deployer.example.com' } },
  { name: 'alice', roles: ['key-manager'], oidc: { issuer: 'corp', subject: 'alice-1' } },
  { name: 'all', roles: ['viewer'], oidc: { issuer: 'corp', role: 'staff' } },
];

function asked(change: Partial<Asked> & { token?: string; code?: string } = {}): Asked {
  const { token, code, ...rest } = change;
  return {
    ...{ method: 'POST', path: '/keys', query: '', body: Buffer.alloc(0) },
    rawHeaders: [
      ...(token === undefined ? [] : ['Authorization', `Bearer ${token}`]),
      ...(code === undefined ? [] : ['X-Vectorgate-Code', code]),
    ],
    ...{ source: { address: '10.0.0.7', port: 5 }, peer: null, connectedAt: now },
    ...rest,
  };
}

function gate(change: Partial<GateMeans> = {}) {
  return makeGate({
    ...{ administrators, shared: () => sharedToken, bearer: () => null, prove: null },
    ...{ steps: () => stepsSince(0), now: () => now, ...change },
  });
}

const proving = (token: object): Partial<GateMeans> => ({
  prove: async () => ({
    ...{ issuer: 'corp', subject: 'alice-1', identity: identity({ roles: [] }) },
    ...{ authenticatedAt: now, ...token },
  }),
});
const certified: Partial<GateMeans> = { bearer: () => 'deployer' };
const isFresh = async (call: Asked, means: Partial<GateMeans>) => {
  await requireFresh(await gate(means)(call), call, 5, now);
  return true;
};

describe('who has proved lately who they are', () => {
  it.each([0, 5 * minute, -30_000])('a handshake %d ms ago', async (ago) => {
    expect(await isFresh(asked({ peer, connectedAt: now - ago }), certified)).toBe(true);
  });

  it('not by a connection that was made longer ago', async () => {
    const call = asked({ peer, connectedAt: now - 5 * minute - 1 });
    await expect(isFresh(call, certified)).rejects.toThrow('connect again');
  });

  it.each([null, now - 5 * minute - 1, now + minute])('not by a login at %s', async (at) => {
    const call = asked({ token: jwt });
    await expect(isFresh(call, proving({ authenticatedAt: at }))).rejects.toThrow('log in again');
  });

  it('by a code of the last step or the next, and by none further away', async () => {
    const call = (off: number) => asked({ token: own, code: oneTimeCode(totp, now + off) });
    expect(await isFresh(call(-30_000), {})).toBe(true);
    expect(await isFresh(call(30_000), {})).toBe(true);
    await expect(isFresh(call(-90_000), {})).rejects.toThrow('one-time code');
    await expect(isFresh(call(90_000), {})).rejects.toThrow('one-time code');
  });

  it('not by two codes at once', async () => {
    const code = oneTimeCode(totp, now);
    const twice = ['x-vectorgate-code', code, 'x-vectorgate-code', code];
    const call = asked({ rawHeaders: ['authorization', `Bearer ${own}`, ...twice] });
    await expect(isFresh(call, {})).rejects.toThrow('one-time code');
  });
});

describe('administrators by token of an issuer', () => {
  it('are known by their own name before that of a role', async () => {
    const staff = identity({ id: 'corp:alice-1', roles: ['staff'] });
    const { administrator } = await gate(proving({ identity: staff }))(asked({ token: jwt }));
    expect(administrator).toMatchObject({ name: 'alice', subject: 'corp:alice-1' });
    const other = proving({ subject: 'bob', identity: staff });
    expect((await gate(other)(asked({ token: jwt }))).administrator.name).toBe('all');
  });

  it('are nobody by the same subject of another issuer', async () => {
    const means = proving({ issuer: 'evil' });
    await expect(gate(means)(asked({ token: jwt }))).rejects.toThrow('no administrator');
  });
});

describe('rivals', () => {
  it('a token beside the certificate of another administrator is refused', () => {
    expect(() => gate(certified)(asked({ token: own, peer }))).toThrow('rival');
  });

  it('the shared token may be shown over any certificate', async () => {
    const { administrator } = await gate(certified)(asked({ token: sharedToken, peer }));
    expect(administrator.kind).toBe('break-glass');
  });

  it('a header that cannot be read is no reason to fall back to the certificate', () => {
    const fields = ['Authorization', 'Basic abc'];
    expect(() => gate(certified)(asked({ peer, rawHeaders: fields }))).toThrow('not one Bearer');
    const twice = ['authorization', `Bearer ${own}`, 'Authorization', `Bearer ${own}`];
    expect(() => gate(certified)(asked({ peer, rawHeaders: twice }))).toThrow('not one Bearer');
  });
});
