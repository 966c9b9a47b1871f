import { expect, it, onTestFinished } from 'vitest';
import { qdrant } from '../../src/catalog/qdrant/database.ts';
import { watchDatabase } from '../../src/gateway/database-watch.ts';

it('tells, once, that a database does not answer from the start', async () => {
  const told: unknown[] = [];
  const watch = watchDatabase({
    database: qdrant,
    ask: () => Promise.reject(new Error('connect ECONNREFUSED')),
    noticed: (notice, wrong, { protocol, reason }) => told.push([notice, wrong, protocol, reason]),
  });
  onTestFinished(watch.close);
  await watch.start();
  await watch.names.refresh();
  expect(told.sort()).toEqual([
    ['upstream unreachable', true, 'grpc', 'connect ECONNREFUSED'],
    ['upstream unreachable', true, 'http', 'connect ECONNREFUSED'],
  ]);
  expect(watch.reachable).toEqual({ http: false, grpc: false });
});
