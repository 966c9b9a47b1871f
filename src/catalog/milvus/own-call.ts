import type { OwnRequest } from '../database.ts';
import type { Rebuilt } from '../operation.ts';
import { delimited } from '../reading/write.ts';

/** Fields of a message that hold text: number and value. */
export type Texts = readonly (readonly [number: number, value: string])[];

const service = '/milvus.proto.milvus.MilvusService/';

/** A call of the gateway's own: what it says of `database` stands in the metadata too, as a Milvus
 * may listen to either. */
export function ownCall(method: string, texts: Texts, database?: string): OwnRequest & Rebuilt {
  const body = Buffer.concat(texts.map(([number, value]) => delimited(number, value)));
  const fields = database === undefined ? [] : ['dbname', database];
  return { protocol: 'grpc', method: 'POST', target: service + method, body, fields };
}

/** The same over REST v1, of a collection. */
export function ownGet(path: string, dbName: string, collectionName: string): Rebuilt {
  const target = `/v1/vector/${path}?collectionName=${collectionName}&dbName=${dbName}`;
  return { method: 'GET', target, fields: [], body: nothing };
}

const nothing = Buffer.alloc(0);

/** The same over REST v2, of a collection: `collections/describe`. The grammar of names leaves
 * nothing to escape. */
export function ownPost(path: string, dbName: string, collectionName: string): Rebuilt {
  return {
    method: 'POST',
    target: `/v2/vectordb/${path}`,
    fields: ['content-type', 'application/json', 'db-name', dbName],
    body: Buffer.from(JSON.stringify({ dbName, collectionName }), 'utf8'),
  };
}
