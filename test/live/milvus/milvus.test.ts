import { describe } from 'vitest';
import { tellTenants } from '../../journeys/milvus/stories/tenants.ts';
import { findMilvusPython, findStores, type MilvusPython } from '../../support/milvus/python.ts';
import { startLite, startMilvus } from '../../support/milvus/real.ts';
import { tellFrameworks } from './frameworks.ts';
import { tellMember } from './member.ts';
import { tellPymilvus } from './pymilvus.ts';
import { tellRest } from './rest.ts';
import { tellRestCallers } from './rest-callers.ts';

const found = findMilvusPython();
console.log(found ? `live: ${found.versions}` : 'live: no Milvus named, skipped');
const python = found as MilvusPython;
const stores = findStores();
console.log(stores ? `live: ${stores.versions}` : 'live: no stores of frameworks named, skipped');

// One after the other, as each binds ports that it cannot be talked out of.
describe.skipIf(!found).each([
  ['a real Milvus', () => startMilvus(python), false],
  ['milvus-lite', () => startLite(python), true],
])('before %s', (_name, open, forgets) => {
  describe('what five callers may do', () => tellTenants(open, forgets));
  describe('what pymilvus makes of it', () => tellPymilvus(open, python.python));
  describe.skipIf(!stores)('what the stores of frameworks make of it', () => {
    tellFrameworks(open, stores?.python ?? '');
  });
});

describe.skipIf(!found)('what REST makes of it', () => tellRest(() => startMilvus(python)));

describe.skipIf(!found)('who claims to be a member of the cluster', () => {
  tellMember(() => startMilvus(python));
});

describe.skipIf(!found)('who calls over REST', () => tellRestCallers(() => startMilvus(python)));
