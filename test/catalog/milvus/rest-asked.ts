import { locate } from '../../../src/catalog/milvus/locate.ts';
import type { Head, Intent, Names } from '../../../src/catalog/operation.ts';
import { namesOf } from '../names.ts';

/** `pub` and `sec` in two databases, and aliases of them. */
export const known: Names = namesOf(['default/pub', 'default/sec', 'tenant/pub', 'tenant/sec'], {
  'default/to_pub': 'default/pub',
  'default/to_sec': 'default/sec',
  'tenant/to_pub': 'tenant/pub',
});

/** The head of a REST request: `POST /v2/vectordb/entities/search`. */
export function headOf(route: string, fields: Readonly<Record<string, string>> = {}): Head {
  const [method, target] = route.split(' ', 2) as [string, string];
  return { protocol: 'http', method, target, field: (name) => fields[name] };
}

/** What a request with this body is about to do: an object is written as JSON. Throws what
 * reading it throws. */
export async function asked(
  route: string,
  body: string | Buffer | object | null = null,
  fields: Readonly<Record<string, string>> = {},
): Promise<Intent> {
  const located = locate(headOf(route, fields));
  const reading = await located.read(body === null ? null : bytesOf(body));
  return reading.intent(known);
}

/** A POST of REST v2: `entities/search`. */
export function posted(
  path: string,
  body: string | Buffer | object,
  fields: Readonly<Record<string, string>> = {},
): Promise<Intent> {
  return asked(`POST /v2/vectordb/${path}`, body, fields);
}

/** What an intent needs, in a line each: `manage default/pub`, by an alias `read default/a>pub`. */
export function needsIn({ needs }: Pick<Intent, 'needs'>): readonly string[] {
  return needs.map(({ action, database, collection }) => {
    if (collection === null) return `${action} ${database ?? 'server'}`;
    const { named, resolved } = collection;
    return `${action} ${database}/${named === resolved ? named : `${named}>${resolved}`}`;
  });
}

/** The body that is forwarded, as text. */
export function forwarded({ request }: Intent): string {
  const { body, tail = new Uint8Array(0) } = request;
  return Buffer.concat([body ?? new Uint8Array(0), tail]).toString('utf8');
}

function bytesOf(body: string | Buffer | object): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
