import { insertBody, insertMessage, searchMilvusBody, searchRequest } from './milvus-work.ts';
import { queryMessage, queryMessageGzip, searchBody } from './work.ts';

/** One request, as it is asked over and over. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly grpc: boolean;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

const json = ['content-type', 'application/json'] as const;
/** As it stands: up to 2.5 Milvus gives `application/grpc+proto` to its REST. */
const proto = ['content-type', 'application/grpc'] as const;
const milvus = '/milvus.proto.milvus.MilvusService/';
const entities = '/v2/vectordb/entities/';

function post(target: string, body: string): Asked {
  return { method: 'POST', target, grpc: false, fields: [json], body: Buffer.from(body) };
}

function call(target: string, body: Buffer, more: Asked['fields'] = []): Asked {
  return { method: 'POST', target, grpc: true, fields: [proto, ...more], body };
}

const search = post('/collections/bench/points/query', searchBody);

/** What is asked, by its name. */
export const asked = {
  rest: search,
  'rest-new': search,
  grpc: call('/qdrant.Points/Query', queryMessage),
  'grpc-gzip': call('/qdrant.Points/Query', queryMessageGzip, [['grpc-encoding', 'gzip']]),
  livez: { method: 'GET', target: '/livez', grpc: false, fields: [], body: Buffer.alloc(0) },
  'milvus-insert': call(`${milvus}Insert`, insertMessage),
  'milvus-search': call(`${milvus}Search`, searchRequest),
  'milvus-rest-insert': post(`${entities}insert`, insertBody),
  'milvus-rest-search': post(`${entities}search`, searchMilvusBody),
} as const satisfies Readonly<Record<string, Asked>>;
