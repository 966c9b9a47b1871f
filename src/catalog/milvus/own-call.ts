import type { OwnRequest } from '../database.ts';
import { varint } from '../reading/wire.ts';

/** Fields of a message that hold text: number and value. */
export type Texts = readonly (readonly [number: number, value: string])[];

const service = '/milvus.proto.milvus.MilvusService/';

/** A call of the gateway's own: what it says of `database` stands in the metadata too, as a Milvus
 * may listen to either. */
export function ownCall(method: string, texts: Texts, database?: string): OwnRequest {
  const body = Buffer.concat(
    texts.flatMap(([number, value]) => {
      const bytes = Buffer.from(value, 'utf8');
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
  const fields = database === undefined ? [] : ['dbname', database];
  return { protocol: 'grpc', method: 'POST', target: service + method, body, fields };
}
