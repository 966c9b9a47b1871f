import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';

/** What `milvus-server` 2.3.5 binds beside its own port, and cannot be told otherwise: one at a time. */
const fixed = [2379, 9091, 19529, 13333, 53100];
const patience = 240;

/** A Milvus 2.3.5 from this Python's environment, with 2,000 rows in `bench`. Throws where a port that
 * it needs is taken. */
export async function startMilvus(python: string, directory: string) {
  if (python === '') throw new Error('VECTORGATE_TEST_MILVUS_PYTHON names no Python');
  for (const port of fixed) (await portAt(port)).close();
  const free = await portAt(0);
  const port = free.port;
  free.close();
  const args = ['--data', join(directory, 'milvus'), '--proxy-port', String(port)];
  const server = join(dirname(python), 'milvus-server');
  const child = spawn(server, args, { detached: true, stdio: 'ignore' });
  const stop = async () => {
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  process.on('exit', () => void stop()).once('SIGTERM', () => process.exit(1));
  try {
    await fill(`127.0.0.1:${port}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { told: { http: port, grpc: port }, stop };
}

async function portAt(wanted: number) {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(wanted, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { port, close: () => server.close() };
}

async function fill(address: string): Promise<void> {
  const client = await connected(address);
  const collection_name = 'bench';
  await client.createCollection({
    collection_name,
    fields: [
      { name: 'id', data_type: 'Int64', is_primary_key: true },
      { name: 'vector', data_type: 'FloatVector', dim: 768 },
    ],
  });
  for (let from = 0; from < 2000; from += 500) {
    const data = Array.from({ length: 500 }, (_, at) => ({
      id: from + at,
      vector: Array.from({ length: 768 }, (_each, place) => Math.sin((from + at) * 768 + place)),
    }));
    await client.insert({ collection_name, data });
  }
  const index = { field_name: 'vector', index_type: 'FLAT', metric_type: 'L2' };
  await client.createIndex({ collection_name, ...index });
  await client.loadCollectionSync({ collection_name });
  await client.closeConnection();
}

async function connected(address: string): Promise<MilvusClient> {
  for (let tries = 0; ; tries++) {
    const client = new MilvusClient({ address });
    try {
      await client.connectPromise;
      await client.listCollections();
      return client;
    } catch (error) {
      await client.closeConnection();
      if (tries === patience) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
