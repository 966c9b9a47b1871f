import { type DemoDatabaseOptions, startDemoDatabase } from '../../src/demo/database.ts';
import type { Touch } from '../../src/demo/observe.ts';
import type { Behind } from './gateway-folder.ts';

/** A database behind a test gateway. */
export interface TestDatabase extends Behind {
  /** What requests have reached there so far; null where the database does not tell. */
  readonly touches: readonly Touch[] | null;
  close(): Promise<void>;
}

/** Makes the database that a story is told before. */
export type OpenDatabase = () => Promise<TestDatabase>;

/** What the gateway presents to the embedded database. */
export const credential = 'credential-of-the-gateway-upstream';

/** Starts the embedded database, in this process, so that what it touches can be seen. */
export async function openDemo(options: DemoDatabaseOptions = {}): Promise<TestDatabase> {
  const touches: Touch[] = [];
  const onTouch = (touch: Touch) => void touches.push(touch);
  const database = await startDemoDatabase({ apiKey: credential, onTouch, ...options });
  return { ...database, credential, touches };
}

/** The real Qdrant that `VECTORGATE_TEST_QDRANT` names as `http=…,grpc=…,key=…`; null: none. Throws
 * where the text says something else. */
export function namedQdrant(text = process.env['VECTORGATE_TEST_QDRANT']): TestDatabase | null {
  if (!text) return null;
  const told = new Map(text.split(',').map((part) => part.split(/=(.*)/s, 2) as [string, string]));
  const [http, grpc, key] = ['http', 'grpc', 'key'].map((name) => told.get(name));
  const stray = [...told.keys()].filter((name) => !['http', 'grpc', 'key'].includes(name));
  if (!http || !grpc || stray.length > 0) {
    throw new Error(
      'VECTORGATE_TEST_QDRANT is http=http://HOST:PORT,grpc=http://HOST:PORT,key=KEY',
    );
  }
  return { http, grpc, credential: key ?? null, touches: null, close: async () => undefined };
}
