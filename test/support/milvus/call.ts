import { type ChannelCredentials, Client, Metadata } from '@grpc/grpc-js';
import { decode, encode, methodTypes, type Plain } from './messages.ts';

/** One exact call. */
export interface RawCall {
  readonly method: string;
  readonly metadata?: readonly (readonly [string, string])[];
  /** The message, as data or as it stands on the wire. */
  readonly message?: Plain | Uint8Array;
}

/** What came of it. */
export interface CallOutcome {
  /** The gRPC status, 0 for well. */
  readonly status: number;
  readonly details: string;
  readonly trailers: Readonly<Record<string, unknown>>;
  /** The answer as data; empty where there is none. */
  readonly answer: Plain;
}

const service = '/milvus.proto.milvus.MilvusService/';

/** Makes one call on a connection of its own. */
export function callOnce(
  address: string,
  credentials: ChannelCredentials,
  { method, metadata = [], message = {} }: RawCall,
): Promise<CallOutcome> {
  const types = methodTypes(method);
  const bytes = message instanceof Uint8Array ? message : encode(types?.request ?? '', message);
  const client = new Client(address, credentials);
  const sent = new Metadata();
  for (const [name, value] of metadata) sent.add(name, value);
  const deadline = { deadline: Date.now() + 10_000 };
  return new Promise((resolve) => {
    const asIs = (whole: Buffer) => whole;
    client.makeUnaryRequest(
      service + method,
      asIs,
      asIs,
      Buffer.from(bytes),
      sent,
      deadline,
      (error, answer) => {
        client.close();
        resolve({
          status: error?.code ?? 0,
          details: error?.details ?? '',
          trailers: error?.metadata.getMap() ?? {},
          answer: answer && types ? decode(types.answer, answer) : {},
        });
      },
    );
  });
}
