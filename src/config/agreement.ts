import { isDeepStrictEqual } from 'node:util';
import { type Document, type Path, problemAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import { type Address, isLoopback } from '../proxy/config.ts';
import type { Sections } from './config.ts';

interface Listener {
  readonly at: Path;
  /** `main (http)` */
  readonly owner: string;
  readonly address: Address;
}

/** What no section can tell by itself: where the sections of a file do not go together. */
export function disagreements(document: Document, sections: Sections): Problem[] {
  const listeners = listenersOf(sections);
  return [
    ...clashes(document, listeners),
    ...loops(document, sections, listeners),
    ...sharedTokens(document, sections),
  ];
}

function listenersOf({ upstreams = [], admin, health }: Sections): Listener[] {
  const listeners: Listener[] = upstreams.flatMap(({ name, listen }, index) =>
    (['http', 'grpc'] as const).map((protocol) => ({
      at: ['upstreams', index, 'listen', protocol],
      owner: `${name} (${protocol})`,
      address: listen[protocol],
    })),
  );
  if (admin) listeners.push({ at: ['admin', 'listen'], owner: 'admin', address: admin.listen });
  if (health) listeners.push({ at: ['health', 'listen'], owner: 'health', address: health.listen });
  return listeners;
}

function clashes(document: Document, listeners: readonly Listener[]): Problem[] {
  return listeners.flatMap(({ at, address }, index) => {
    const other = listeners.slice(0, index).find((earlier) => meet(earlier.address, address));
    const remedy = 'Give each listener a port of its own';
    return other ? [problemAt(document, at, `is taken by ${other.owner}`, remedy)] : [];
  });
}

function meet(one: Address, other: Address): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return isDeepStrictEqual(one, other) || isWildcard(one.host) || isWildcard(other.host);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** An upstream address that is a listener of this very gateway. */
function loops(document: Document, { upstreams = [] }: Sections, listeners: readonly Listener[]) {
  return upstreams.flatMap((upstream, index) =>
    (['http', 'grpc'] as const).flatMap((protocol) => {
      const { host, port } = upstream[protocol];
      const own = listeners.find(({ address }) => {
        const reached = address.host === host || (isLoopback(host) && isWildcard(address.host));
        return address.port === port && reached;
      });
      if (!own) return [];
      const message = `is the gateway's own listener ${own.owner}: it would forward to itself`;
      const remedy = 'Move the database to another port, as in 127.0.0.1:16333';
      return [problemAt(document, ['upstreams', index, protocol], message, remedy)];
    }),
  );
}

function sharedTokens(document: Document, { admin, health }: Sections): Problem[] {
  if (!admin || admin.token !== health?.metricsToken) return [];
  const message = 'is the admin token too: whoever scrapes could drain the gateway';
  return [problemAt(document, ['health', 'metricsToken'], message, 'Make a token of its own')];
}
