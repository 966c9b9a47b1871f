import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { type Approach, naming, openGrpc, openRest } from './clients-raw.ts';
import type { TestGateway } from './gateway.ts';

/** What is heard on HTTP/1.1, HTTP/2 and gRPC where the caller is somebody. */
export const welcome = [200, 200, 0] as const;
export const nobody = [401, 401, 16] as const;
/** No connection comes about. */
export const shut = ['shut', 'shut', 'shut'] as const;

/** With this a client shows a key that is too weak, which it would not by itself. */
const anyKey = 'DEFAULT@SECLEVEL=0';

/** What a caller hears on each wire: a status, or that no connection came about. */
export async function heard(gateway: TestGateway, shown: Approach, key: string | null = null) {
  const approach = { ...shown, ciphers: anyKey };
  const rest = openRest(gateway, approach);
  const grpc = openGrpc(gateway, approach);
  const asked = [
    rest.ask({ path: '/collections', key }).then(({ status }) => status),
    askOver2(gateway, shown, key),
    grpc.call('/qdrant.Collections/List', naming(''), key).then(({ status }) => status),
  ];
  const told = await Promise.all(
    asked.map((each) =>
      each.then(
        (status) => (Number.isNaN(status) ? 'shut' : status),
        () => 'shut',
      ),
    ),
  );
  rest.close();
  grpc.close();
  return told;
}

function askOver2(gateway: TestGateway, shown: Approach, key: string | null): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const own = readFileSync(gateway.certificates.ca, 'utf8');
  const session = connect(gateway.http(), {
    ca: own,
    cert: shown.cert,
    key: shown.key,
    ciphers: anyKey,
  });
  session.on('error', reject);
  const headers = key === null ? {} : { 'api-key': key };
  const stream = session.request({ ':path': '/collections', ...headers });
  stream.on('response', (fields) => resolve(Number(fields[':status'])));
  stream.on('error', reject);
  stream.on('close', () => reject(new Error('closed')));
  stream.resume();
  return promise.finally(() => session.destroy());
}
