import { createHash } from 'node:crypto';
import type { Keyring } from '../identity/keys/keyring.ts';
import { loadPolicy } from '../policy/load.ts';
import type { TlsMaterial } from '../tls/material.ts';
import type { Listeners } from './listeners.ts';
import { type LoadedKeys, loadKeys, type Prepared } from './prepare.ts';
import type { ReloadablePart } from './reload.ts';
import type { OwnedUpstream } from './upstream.ts';

/** Where what is loaded anew is put in force. */
export interface InForce {
  keys: LoadedKeys;
  readonly keyring: Keyring;
  readonly upstreams: readonly OwnedUpstream[];
}

/** What can be replaced while the gateway runs. */
export function reloadableParts(
  prepared: Prepared,
  inForce: InForce,
  listeners: Listeners,
): readonly ReloadablePart[] {
  return [
    certificates(prepared, listeners),
    keys(prepared, inForce),
    ...inForce.upstreams.map((owned, index) => policies(prepared, index, owned)),
  ];
}

function certificates(prepared: Prepared, listeners: Listeners): ReloadablePart {
  let { material } = prepared;
  return {
    part: 'certificates',
    upstream: null,
    paths: material.files,
    event: 'certificate.changed',
    version: () => digestOf(material),
    load: () => {
      const next = prepared.loadMaterial();
      listeners.replace(next);
      material = next;
    },
  };
}

function keys(prepared: Prepared, inForce: InForce): ReloadablePart {
  const { path } = prepared.config.identity.keys;
  return {
    part: 'keys',
    upstream: null,
    paths: [path],
    event: 'keys.changed',
    version: () => inForce.keys.digest,
    load: () => {
      const next = loadKeys(path);
      if (next.digest !== inForce.keys.digest) inForce.keyring.replace(next.entries);
      inForce.keys = next;
    },
  };
}

function policies(prepared: Prepared, index: number, owned: OwnedUpstream): ReloadablePart {
  const directory = prepared.upstreams[index]?.config.policies ?? '';
  const { name, database } = owned.upstream;
  return {
    part: 'policies',
    upstream: name,
    paths: [directory],
    event: 'policy.changed',
    version: () => owned.policy.digest,
    load: () => {
      const next = loadPolicy(directory, database.operations);
      if (next.digest !== owned.policy.digest) owned.policy = next;
    },
  };
}

/** Over the public parts: a digest of a private key has no place in a log. */
function digestOf({ certificate, clients }: TlsMaterial): string {
  const hash = createHash('sha256').update(certificate);
  if (clients) hash.update(clients.authorities);
  for (const list of clients?.lists ?? []) hash.update(list);
  return `sha256:${hash.digest('hex')}`;
}
