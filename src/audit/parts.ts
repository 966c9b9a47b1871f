import type { Need, Operation } from '../catalog/operation.ts';
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
    part = flat(
      `"source":{"address":${jsonString(peer.address)},"port":${peer.port}},` +
        `"tls":{"version":${jsonString(peer.version)},"certificate":${certificate}}`,
    );
    peers.set(peer, part);
  }
  return part;
}

/** Who calls: rendered once for each identity; `null` for nobody. */
export function principalPart(identity: Identity | null): string {
  if (!identity) return '"principal":null';
  let part = principals.get(identity);
  if (part === undefined) {
    part = flat(`"principal":${person(identity)}`);
    principals.set(identity, part);
  }
  return part;
}

/** The same text in one piece: V8 holds what was put together as its pieces, and each write of it
 * would gather them again. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** All that a decision is made from. Who has a certificate beside it is two. */
function person({ kind, id, name, roles, labels, claims, beside }: Identity): string {
  return (
    `{"kind":"${kind}","id":${jsonString(id)},"name":${jsonString(name)},` +
    `"roles":${texts(roles)},"labels":${record(labels)}` +
    `${Object.keys(claims).length > 0 ? `,"claims":${clipped(record(claims))}` : ''}` +
    `${beside ? `,"beside":${person(beside)}` : ''}}`
  );
}

/** What a caller's token may cost in each of its records. */
const claimsAtMost = 4096;

function clipped(claims: string): string {
  return claims.length > claimsAtMost ? 'null' : claims;
}

function record(values: Readonly<Record<string, string | readonly string[]>>): string {
  const members = Object.entries(values).map(([name, value]) => {
    return `${jsonString(name)}:${typeof value === 'string' ? jsonString(value) : texts(value)}`;
  });
  return `{${members.join(',')}}`;
}

function texts(values: readonly string[]): string {
  return `[${values.map(jsonString).join(',')}]`;
}

/** `"operation"`, `"collections"`: every collection that the needs name, each once, with its
 * database where the product has databases; `"databases"`: those that are needed as such; and
 * `"also"`: the operations inside it whose rights it needs, where there are any. */
export function operationPart(operation: Operation | null, needs: readonly Need[]): string {
  const name = operation ? jsonString(operation.name) : 'null';
  return (
    `"operation":${name},"collections":[${references(needs)}]` +
    `${databases(needs)}${inner(operation, needs)}`
  );
}

function inner(operation: Operation | null, needs: readonly Need[]): string {
  if (needs.length < 2 || needs.every((need) => need.operation === operation)) return '';
  const names = new Set(needs.map((need) => need.operation.name));
  if (operation) names.delete(operation.name);
  return `,"also":${texts([...names])}`;
}

function databases(needs: readonly Need[]): string {
  let found: Set<string> | null = null;
  for (const { collection, database } of needs) {
    if (!collection && database !== null) found = (found ?? new Set<string>()).add(database);
  }
  return found ? `,"databases":${texts([...found])}` : '';
}

function references(needs: readonly Need[]): string {
  const [first] = needs;
  if (needs.length < 2) return first ? reference(first) : '';
  const distinct = new Set<string>();
  let last: Need | null = null;
  for (const need of needs) {
    if (!need.collection || (last && sameName(need, last))) continue;
    last = need;
    distinct.add(reference(need));
  }
  return [...distinct].join(',');
}

function sameName(one: Need, other: Need): boolean {
  return (
    one.collection?.named === other.collection?.named &&
    one.collection?.resolved === other.collection?.resolved &&
    one.database === other.database
  );
}

function reference({ collection, database }: Need): string {
  if (!collection) return '';
  const { named, resolved } = collection;
  const name = jsonString(named);
  const inside = database === null ? '' : `"database":${jsonString(database)},`;
  return `{${inside}"named":${name},"resolved":${resolved === named ? name : jsonString(resolved)}}`;
}
