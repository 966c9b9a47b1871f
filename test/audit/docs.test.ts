import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { databases } from '../../src/catalog/databases.ts';

const docs = readFileSync(join(import.meta.dirname, '../../docs/audit-record.md'), 'utf8');

/** Events that no operation has. */
const own = [
  'admin.read',
  'admin.change',
  'auth.success',
  'auth.failure',
  'auth.alarm',
  'limit.sweep',
  'request.refused',
  'policy.loaded',
  'policy.changed',
  'keys.loaded',
  'keys.changed',
  'credential.refused',
  'credential.rotated',
  'credential.tested',
  'secrets.available',
  'secrets.changed',
  'secrets.loaded',
  'secrets.unavailable',
  'key.created',
  'key.rotated',
  'key.revoked',
  'key.imported',
  'key.expired',
  'certificate.loaded',
  'certificate.changed',
  'authority.changed',
  'crl.changed',
  'issuer.loaded',
  'issuer.changed',
  'policy.refused',
  'keys.refused',
  'certificate.refused',
  'issuer.refused',
  'secrets.refused',
  'store.loaded',
  'store.lost',
  'store.found',
  'store.emptied',
  'store.changed',
  'gateway.start',
  'gateway.stop',
  'audit.fault',
  'audit.checkpoint',
  'audit.damaged',
  'worker.ended',
  'audit.deleted',
  'clock.behind',
];

it('docs/audit-record.md has a line for every event, and for no other', () => {
  const table = docs.slice(docs.indexOf('## Events'), docs.indexOf('## What is promised'));
  const listed = [...table.matchAll(/`([a-z]+\.[a-z]+)`/g)].map(([, event = '']) => event);
  const caused = databases.flatMap(({ operations }) => operations.map(({ event }) => event));
  expect(listed.toSorted()).toEqual([...new Set([...own, ...caused])].toSorted());
});
