import { locate } from '../../../src/catalog/milvus/locate.ts';
import type { Head, Intent, Names } from '../../../src/catalog/operation.ts';
import { namesOf } from '../names.ts';
import { encode, requestOf } from './descriptions.ts';

const service = '/milvus.proto.milvus.MilvusService/';

/** The names of the tests: `pub` and `sec` in two databases, an alias of each. */
export const known: Names = namesOf(
  ['default/pub', 'default/sec', 'tenant/pub', 'tenant/sec'],
  {
    'default/to_pub': 'default/pub',
    'default/to_sec': 'default/sec',
    'tenant/to_pub': 'tenant/pub',
  },
  { '11': 'default/pub', '12': 'default/sec', '21': 'tenant/pub' },
);

/** The head of a call of this method. */
export function headOf(method: string, metadata: Readonly<Record<string, string>> = {}): Head {
  const fields: Readonly<Record<string, string>> = {
    'content-type': 'application/grpc',
    ...metadata,
  };
  const target = method.startsWith('/') ? method : service + method;
  return { protocol: 'grpc', method: 'POST', target, field: (name) => fields[name] };
}

/** What a call of these bytes is about to do. Throws what reading it throws. */
export function intentOf(
  method: string,
  body: Buffer,
  metadata: Readonly<Record<string, string>> = {},
  names: Names = known,
): Intent {
  const reading = locate(headOf(method, metadata)).read(body);
  if (reading instanceof Promise) throw new TypeError('the message is read in slices');
  return reading.intent(names);
}

/** The same of a message written by the client's own descriptions. */
export function asked(
  method: string,
  content: Readonly<Record<string, unknown>>,
  metadata: Readonly<Record<string, string>> = {},
  names: Names = known,
): Intent {
  return intentOf(method, encode(service + method, content), metadata, names);
}

/** What an intent needs, in a line each: `manage default/pub`, by an alias `read default/a>pub`. */
export function needsIn({ needs }: Intent): readonly string[] {
  return needs.map(({ action, database, collection }) => {
    if (collection === null) return `${action} ${database ?? 'server'}`;
    const { named, resolved } = collection;
    return `${action} ${database}/${named === resolved ? named : `${named}>${resolved}`}`;
  });
}

/** The message that is forwarded. */
export function sentIn({ body, tail = new Uint8Array(0) }: Intent['request']): Uint8Array {
  return Buffer.concat([body as Uint8Array, tail]);
}

/** The message that is forwarded, as the client's own descriptions read it. */
export function forwarded(method: string, { request }: Intent): Readonly<Record<string, unknown>> {
  const type = requestOf(service + method);
  return type.toObject(type.decode(sentIn(request)), { longs: String, enums: String });
}
