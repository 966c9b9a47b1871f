import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestMilvus } from '../../journeys/milvus/stories/tenants.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';

const run = promisify(execFile);
const of = (access: string) => `allow:\n  - { collections: [lang, llama], access: ${access} }`;
const policies = { m: of('m'), rw: of('rw'), r: of('r') };

/** What the stores of LangChain and LlamaIndex make of a gateway before this Milvus. */
export function tellFrameworks(open: () => Promise<TestMilvus>, python: string): void {
  let database: TestMilvus;
  let gateway: TestGateway;
  let steps: ReadonlyMap<string, { readonly ok?: unknown }>;

  beforeAll(async () => {
    database = await open();
    const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
    gateway = await startGateway({ database, policies, keys });
    const script = join(import.meta.dirname, 'frameworks.py');
    const args = [script, gateway.grpc(), gateway.certificates.ca, JSON.stringify(gateway.keys)];
    const { stdout } = await run(python, args);
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    steps = new Map(told.map((step) => [step.step, step]));
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.close();
  });

  describe.each(['langchain', 'llamaindex'])('%s', (store) => {
    it.each([
      ['m: start', null],
      ['m: insert', 1],
      ['m: search', 'written by m'],
      ['rw: start', null],
      ['rw: insert', 1],
      ['rw: search', 'written by m'],
      ['r: start', null],
      ['r: search', 'written by m'],
    ])('%s does what Milvus does', (step, ok) => {
      expect(steps.get(`${store} ${step}`)).toMatchObject({ ok });
    });

    it('r: insert is denied', () => {
      expect(steps.get(`${store} r: insert`)).toMatchObject({
        error: 'PERMISSION_DENIED',
        says: expect.stringContaining('permission deny'),
      });
    });
  });
}
