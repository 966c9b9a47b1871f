import { createHash } from 'node:crypto';
import type { Keyring } from '../identity/keys/keyring.ts';
import type { Store } from '../store/store.ts';
import type { ClientTrust } from '../tls/client-trust.ts';
import type { TlsMaterial } from '../tls/material.ts';
import type { KeySource } from './key-source.ts';
import type { Listeners } from './listeners.ts';
import { storePart } from './open-store.ts';
import { type LoadedKeys, loadPolicies, type Prepared } from './prepare.ts';
import type { ReloadablePart } from './reload.ts';
import type { KeptSecrets } from './secrets.ts';
import type { OwnedUpstream } from './upstream.ts';

/** Where what is loaded anew is put in force. */
export interface InForce {
  keys: LoadedKeys;
  readonly source: KeySource;
  /** What is shared with other gateways; null: nothing. */
  readonly store: Store | null;
  /** What client certificates are judged by. */
  clients: ClientTrust | null;
  readonly keyring: Keyring;
  readonly secrets: KeptSecrets;
  readonly upstreams: readonly OwnedUpstream[];
  /** Null until the ports are open. */
  readonly listeners: Pick<Listeners, 'replace'> | null;
  /** Null until the admin port is open, and where none is secured. */
  readonly adminPort: { replace(material: TlsMaterial): void } | null;
}

/** What can be replaced while the gateway runs. */
export function reloadableParts(prepared: Prepared, inForce: InForce): readonly ReloadablePart[] {
  return [
    certificates(prepared, inForce),
    ...adminCertificates(prepared, inForce),
    keys(inForce),
    ...(inForce.store ? [storePart(inForce.store)] : []),
    ...prepared.issuers.parts,
    inForce.secrets.part,
    ...inForce.upstreams.map((owned, index) => policies(prepared, index, owned)),
  ];
}

function certificates(prepared: Prepared, inForce: InForce): ReloadablePart {
  let { material } = prepared;
  return {
    part: 'certificates',
    upstream: null,
    paths: material.files,
    event: 'certificate.changed',
    version: () => digestOf(material),
    within: () => trustOf(material),
    load: () => {
      material = prepared.loadMaterial();
      inForce.listeners?.replace(material);
      inForce.clients = material.clients;
    },
  };
}

function adminCertificates(prepared: Prepared, inForce: InForce): readonly ReloadablePart[] {
  if (!prepared.admin) return [];
  const { loadMaterial } = prepared.admin;
  let { material } = prepared.admin;
  return [
    {
      part: 'admin-certificates',
      upstream: null,
      paths: material.files,
      event: 'certificate.changed',
      version: () => digestOf(material),
      within: () => trustOf(material),
      load: () => {
        material = loadMaterial();
        inForce.adminPort?.replace(material);
      },
    },
  ];
}

function keys(inForce: InForce): ReloadablePart {
  return {
    part: 'keys',
    upstream: null,
    paths: inForce.source.paths,
    event: 'keys.changed',
    version: () => inForce.keys.digest,
    load: () => {
      const next = inForce.source.load();
      if (next.digest !== inForce.keys.digest) inForce.keyring.replace(next.entries);
      inForce.keys = next;
      // One broken entry of a store must not keep a revocation of another from counting.
      if (next.problem) throw next.problem;
    },
  };
}

function policies(prepared: Prepared, index: number, owned: OwnedUpstream): ReloadablePart {
  const config = prepared.upstreams[index]?.config;
  if (!config) throw new TypeError('an upstream without its configuration');
  const { name, database } = owned.upstream;
  return {
    part: 'policies',
    upstream: name,
    paths: [config.policies],
    event: 'policy.changed',
    version: () => owned.policy.digest,
    load: () => {
      const next = loadPolicies(prepared.config, config, database);
      if (next.digest !== owned.policy.digest) owned.policy = next;
    },
  };
}

/** Who may vouch for clients, and whom they have revoked: changes that an auditor looks for. */
function trustOf({ clients }: TlsMaterial): Readonly<Record<string, string>> {
  const digest = (texts: readonly (string | Buffer)[]) => {
    const hash = createHash('sha256');
    for (const text of texts) hash.update(text);
    return `sha256:${hash.digest('hex')}`;
  };
  return {
    'authority.changed': digest(clients ? [clients.authorities] : []),
    'crl.changed': digest(clients?.lists ?? []),
  };
}

/** Over the public parts: a digest of a private key has no place in a log. */
function digestOf({ certificate, clients }: TlsMaterial): string {
  const hash = createHash('sha256').update(certificate);
  if (clients) hash.update(clients.authorities);
  for (const list of clients?.lists ?? []) hash.update(list);
  return `sha256:${hash.digest('hex')}`;
}
