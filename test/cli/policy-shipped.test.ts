import { describe, expect, it } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';

async function run(...args: string[]): Promise<{ code: number; told: string }> {
  const told: string[] = [];
  const code = await dispatch(args, {
    print: (line) => told.push(line),
    complain: (line) => told.push(line),
  });
  return { code, told: told.join('\n') };
}

describe.each([
  ['policies', 'qdrant'],
  ['policies/milvus', 'milvus'],
])('%s, for %s', (folder, database) => {
  const about = ['--policies', folder, '--database', database];

  it('do what their tests say', async () => {
    const { code, told } = await run('policy', 'test', ...about);
    expect([code, told]).toEqual([0, expect.stringMatching(/^[1-9]\d* passed, 0 failed$/)]);
  });

  it('hold nothing that is hardly meant', async () => {
    expect(await run('policy', 'lint', ...about)).toEqual({ code: 0, told: 'nothing to say' });
  });
});

describe('policy explain on Milvus', () => {
  it('says which rule decides in which database', async () => {
    const asked = ['policy', 'explain', '--policies', 'policies/milvus', '--database', 'milvus'];
    const tenant = ['--role', 'tenant', '--claim', 'tenant=acme'];
    const search = ['--operation', 'entities.search', '--collection', 'docs'];
    const own = await run(...asked, ...tenant, ...search, '--in', 'acme');
    expect(own.told).toBe(
      'allow  entities.search needs read on docs in acme: milvus/tenant.yaml:4',
    );
    const other = await run(...asked, ...tenant, ...search);
    expect(other.told).toContain('on docs in default: no rule allows it');
  });
});
