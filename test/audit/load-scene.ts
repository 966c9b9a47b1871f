import type { Permit } from '../../src/policy/permit.ts';
import type { Peer } from '../../src/tls/peer.ts';

/** A caller, for processes of their own, where Vitest is not. */
export const peer: Peer = {
  address: '10.0.0.7',
  port: 1,
  version: 'TLSv1.3',
  serverName: null,
  certificate: null,
  client: null,
};

const identity = { kind: 'key', id: 'k', name: 'n', roles: [], claims: {}, labels: {} };

/** What that caller may do. */
export function permit(changes: boolean): Permit {
  const operation = { name: 'points.upsert', event: 'data.upsert', changes };
  const request = { method: 'POST', target: '/', fields: [], body: null };
  return { identity, intent: { operation, needs: [], request }, rule: null } as unknown as Permit;
}
