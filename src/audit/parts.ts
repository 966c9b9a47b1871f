import type { Need, Operation, Reference } from '../catalog/operation.ts';
import type { Identity } from '../identity/identity.ts';
import type { Peer } from '../tls/peer.ts';
import { jsonString } from './json-string.ts';

const peers = new WeakMap<Peer, string>();
const principals = new WeakMap<Identity, string>();

/** Where a connection comes from and how it is secured: rendered once for each connection. */
export function peerPart(peer: Peer): string {
  let part = peers.get(peer);
  if (part === undefined) {
    const certificate = peer.certificate === null ? 'null' : jsonString(peer.certificate);
    part =
      `"source":{"address":${jsonString(peer.address)},"port":${peer.port}},` +
      `"tls":{"version":${jsonString(peer.version)},"certificate":${certificate}}`;
    peers.set(peer, part);
  }
  return part;
}

/** Who calls: rendered once for each identity; `null` for nobody. */
export function principalPart(identity: Identity | null): string {
  if (!identity) return '"principal":null';
  let part = principals.get(identity);
  if (part === undefined) {
    const labels = Object.entries(identity.labels).map(
      ([name, value]) => `${jsonString(name)}:${jsonString(value)}`,
    );
    part =
      `"principal":{"kind":"${identity.kind}","id":${jsonString(identity.id)},` +
      `"name":${jsonString(identity.name)},"roles":[${identity.roles.map(jsonString).join(',')}],` +
      `"labels":{${labels.join(',')}}}`;
    principals.set(identity, part);
  }
  return part;
}

/** `"operation"` and `"collections"`: every collection that the needs name, each once. */
export function operationPart(operation: Operation | null, needs: readonly Need[]): string {
  const name = operation ? jsonString(operation.name) : 'null';
  return `"operation":${name},"collections":[${references(needs)}]`;
}

function references(needs: readonly Need[]): string {
  const first = needs[0]?.collection ?? null;
  if (needs.length < 2) return first ? reference(first) : '';
  const distinct = new Set<string>();
  let last: Reference | null = null;
  for (const { collection } of needs) {
    if (!collection) continue;
    if (collection.named === last?.named && collection.resolved === last.resolved) continue;
    last = collection;
    distinct.add(reference(collection));
  }
  return [...distinct].join(',');
}

function reference({ named, resolved }: Reference): string {
  const name = jsonString(named);
  return `{"named":${name},"resolved":${resolved === named ? name : jsonString(resolved)}}`;
}
