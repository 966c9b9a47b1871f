import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/catalog/operation.ts';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { restHead, rpcHead } from '../request.ts';

const answer = (
  head: Parameters<typeof qdrant.locate>[0],
  protocol: Protocol,
  version: string | null,
) => qdrant.locate(head).operation.answer?.(protocol, { version });
const text = (body: Uint8Array | undefined) => Buffer.from(body ?? []).toString();

describe('what the gateway answers by itself', () => {
  it('is the version that the database told', () => {
    const root = answer(restHead('GET /'), 'http', '1.18.3');
    expect(root?.status).toBe(200);
    expect(JSON.parse(text(root?.body))).toEqual({
      title: 'qdrant - vector search engine',
      version: '1.18.3',
    });
    const call = answer(rpcHead('/qdrant.Qdrant/HealthCheck'), 'grpc', '1.18.3');
    expect(text(call?.body)).toBe('\n\u001dqdrant - vector search engine\u0012\u00061.18.3');
  });

  it('is that it is not ready before the database told any', () => {
    for (const path of ['GET /', 'GET /readyz'])
      expect(answer(restHead(path), 'http', null)?.status).toBe(503);
    expect(answer(rpcHead('/qdrant.Qdrant/HealthCheck'), 'grpc', null)?.status).toBe(14);
  });

  it('is that it lives', () => {
    for (const path of ['GET /healthz', 'GET /livez'])
      expect(text(answer(restHead(path), 'http', null)?.body)).toBe('healthz check passed');
    expect(answer(rpcHead('/grpc.health.v1.Health/Check'), 'grpc', null)?.body).toEqual(
      Uint8Array.of(8, 1),
    );
    expect(text(answer(restHead('GET /readyz'), 'http', '1')?.body)).toBe('all shards are ready');
  });
});

describe('what the gateway asks for itself', () => {
  const readNames = (answers: readonly Buffer[]) =>
    qdrant.readNames(async (request) => answers[qdrant.nameRequests.indexOf(request)] as Buffer);

  it('reads the name table from the two lists', async () => {
    expect(qdrant.nameRequests.map(({ target }) => target)).toEqual(['/collections', '/aliases']);
    const table = await readNames([
      Buffer.from('{"result":{"collections":[{"name":"a"},{"name":"b"}]},"status":"ok"}'),
      Buffer.from(
        '{"result":{"aliases":[{"alias_name":"x","collection_name":"a"}]},"status":"ok"}',
      ),
    ]);
    expect([...table.collections]).toEqual(['a', 'b']);
    expect([...table.aliases]).toEqual([['x', 'a']]);
  });

  it('does not take half a table for a table', async () => {
    const good = Buffer.from('{"result":{"collections":[]}}');
    for (const bad of [
      '',
      '{}',
      'null',
      '{"result":{"aliases":[{}]}}',
      '{"result":{"aliases":[1]}}',
    ]) {
      await expect(readNames([good, Buffer.from(bad)])).rejects.toThrow();
      await expect(readNames([Buffer.from(bad), good])).rejects.toThrow();
    }
  });

  it('reads the version', () => {
    expect(qdrant.readVersion(Buffer.from('{"title":"q","version":"1.19.0"}'))).toBe('1.19.0');
    expect(() => qdrant.readVersion(Buffer.from('{"title":"q"}'))).toThrow();
  });
});
