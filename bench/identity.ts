/** What it costs to know a caller by a key, and to load many: `node --expose-gc bench/identity.ts`. */
import { hash, randomBytes } from 'node:crypto';
import { makeAuthenticator } from '../src/identity/authenticator.ts';
import type { Claimant, Identity } from '../src/identity/identity.ts';
import { entryText } from '../src/identity/keys/entry-text.ts';
import { parseKeyFile } from '../src/identity/keys/file.ts';
import { makeKeyring, makeQuickHash } from '../src/identity/keys/keyring.ts';
import { mintKey } from '../src/identity/keys/mint.ts';
import { makeTokenGate } from '../src/identity/token-gate.ts';

const many = 100_000;
const used = 1000;
const quickHash = await makeQuickHash();
const order = { roles: ['search'], labels: { app: 'rag', env: 'prod' } };
const minted = Array.from({ length: used }, (_, at) => {
  return mintKey({ ...order, name: `service-${at}` }, Date.now());
});
const template = entryText(mintKey({ ...order, name: 'service' }, Date.now()).entry);

/** Like the template, of another key that nobody has. */
function another(at: number): string {
  return template
    .replace(/id: .+/, `id: n${at}`)
    .replace(/name: .+/, `name: service-${at}`)
    .replace(/sha256:[0-9a-f]{64}/, `sha256:${hash('sha256', randomBytes(32), 'hex')}`);
}

function fileOf(count: number): string {
  const own = minted.map(({ entry }) => entryText(entry));
  const others = Array.from({ length: count - used }, (_, at) => another(at));
  return `keys:\n${[...own, ...others].join('')}`;
}

/** Bytes that are in use once everything else is gone. */
function inUse(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function load(count: number) {
  const text = fileOf(count);
  const before = inUse();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const keyring = makeKeyring(parseKeyFile('keys.yaml', text), quickHash);
  const wall = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const megabytes = ((inUse() - before) / 1024 / 1024).toFixed(0);
  const cpuMs = ((user + system) / 1000).toFixed(0);
  console.log(`${count} keys load: ${cpuMs} ms CPU, ${wall.toFixed(0)} ms, ${megabytes} MB`);
  return keyring;
}

function claimantOf(key: string): Claimant {
  return {
    field: (name) => (name === 'api-key' ? key : undefined),
    peer: { address: '127.0.0.1', certificate: null, client: null },
  };
}

const claimants = minted.map(({ key }) => claimantOf(key));
for (const count of [used, many]) {
  const authenticate = makeAuthenticator({
    keys: load(count),
    tokens: makeTokenGate({ issuers: [], holds: () => true, now: Date.now }),
    readAuthorization: () => null,
    upstream: 'main',
    now: Date.now,
  });
  for (const rounds of [100_000, 500_000]) {
    const before = process.cpuUsage();
    for (let at = 0; at < rounds; at++) authenticate(claimants[at % used] as Claimant);
    const { user, system } = process.cpuUsage(before);
    if (rounds < 500_000) continue;
    console.log(`a known key among ${count}: ${((user + system) / rounds).toFixed(1)} µs`);
  }
  const known = claimants.map((claimant) => authenticate(claimant) as Identity);
  for (const rounds of [100_000, 500_000]) {
    const before = process.cpuUsage();
    for (let at = 0; at < rounds; at++) {
      authenticate(claimants[at % used] as Claimant, known[at % used] as Identity);
    }
    const { user, system } = process.cpuUsage(before);
    if (rounds < 500_000) continue;
    console.log(`the same once its body has come: ${((user + system) / rounds).toFixed(1)} µs`);
  }
}
