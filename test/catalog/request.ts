import type { Head, Intent, Names, Reading } from '../../src/catalog/operation.ts';
import { qdrant } from '../../src/catalog/qdrant/database.ts';
import { Refusal } from '../../src/refusal.ts';

/** The head of a REST request, `POST /collections/x/points/query`. */
export function restHead(route: string, fields: Readonly<Record<string, string>> = {}): Head {
  const [method, target] = route.split(' ', 2) as [string, string];
  return { protocol: 'http', method, target, field: (name) => fields[name] };
}

/** The head of a gRPC call. */
export function rpcHead(target: string, fields: Readonly<Record<string, string>> = {}): Head {
  const all: Record<string, string> = { 'content-type': 'application/grpc', ...fields };
  return { protocol: 'grpc', method: 'POST', target, field: (name) => all[name] };
}

/** The intent of a whole request. Throws what classification throws. */
export async function intentOf(
  head: Head,
  body: string | Uint8Array,
  names: Names,
): Promise<Intent> {
  const located = qdrant.locate(head);
  const held = located.hold === null ? null : Buffer.from(body as string);
  const reading: Reading = await located.read(held);
  return reading.intent(names);
}

/** Each need as `action operation on named>resolved`. */
export function needsIn({ needs }: Pick<Intent, 'needs'>): string[] {
  return needs.map(({ action, operation, collection }) => {
    const on = collection === null ? 'the database' : `${collection.named}>${collection.resolved}`;
    return `${action} ${operation.name} on ${on}`;
  });
}

/** The refusal that this throws. */
export async function refusalOf(act: () => unknown): Promise<Refusal> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
