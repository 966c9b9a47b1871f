import { describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(args, {
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('catalog list', () => {
  test('prints the document of the contract', async () => {
    const { code, out } = await run('catalog', 'list', '--database', 'qdrant', '--json');
    const rows = JSON.parse(out) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(rows).toContainEqual({
      operation: 'points.query',
      action: 'read',
      http: ['POST /collections/{collection_name}/points/query'],
      grpc: ['/qdrant.Points/Query'],
      passes: true,
    });
    const never = rows.filter(({ action }) => action === 'never');
    expect(never.length).toBeGreaterThan(40);
    expect(never.filter(({ passes }) => passes)).toEqual([]);
  });

  test('says to people why an operation passes for nobody', async () => {
    const { out } = await run('catalog', 'list');
    expect(out).toMatch(/^points\.upsert +write +PUT \/collections\/\{collection_name\}\/points /m);
    expect(out).toMatch(/^service\.logger_get .*passes for nobody: /m);
  });

  test('names the databases there are where asked for another', async () => {
    const { code, err } = await run('catalog', 'list', '--database', 'chroma');
    expect(code).not.toBe(0);
    expect(err).toContain('qdrant');
  });
});
