import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestMilvus } from '../../journeys/milvus/stories/tenants.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';

/** What one step of story.py came to. */
interface Step {
  readonly step: string;
  readonly ok?: unknown;
  readonly error?: unknown;
  readonly says?: string;
  readonly seconds: number;
}

const run = promisify(execFile);
const policies = {
  admin: [
    'allow:',
    '  - { databases: ["*"], collections: ["*"], access: [list, read, write, schema, manage] }',
    '  - { databases: ["*"], access: [list, manage, admin] }',
  ].join('\n'),
  r: 'allow:\n  - { collections: [books], access: r }',
  rw: 'allow:\n  - { collections: [books], access: rw }',
  few: 'allow: [{ collections: [books], access: rw, limits: { requests: 5/h, burst: 5 } }]',
};
/** A denial that were sent again would take at least this long, in seconds. */
const onceAtMost = 5;

/** The story that pymilvus tells of a gateway before this Milvus. */
export function tellPymilvus(open: () => Promise<TestMilvus>, python: string): void {
  let database: TestMilvus;
  let gateway: TestGateway;
  let steps: ReadonlyMap<string, Step>;

  beforeAll(async () => {
    database = await open();
    const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
    gateway = await startGateway({ database, policies, keys });
    const script = join(import.meta.dirname, 'story.py');
    const args = [script, gateway.grpc(), gateway.certificates.ca, JSON.stringify(gateway.keys)];
    const { stdout } = await run(python, args, { maxBuffer: 64 * 1024 * 1024 });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step);
    steps = new Map(told.map((step) => [step.step, step]));
  });
  afterAll(async () => {
    await gateway?.stop();
    await database?.close();
  });

  describe('what is permitted', () => {
    it.each<[string, unknown]>([
      ['create', null],
      ['insert', 10_000],
      ['index', null],
      ['load', null],
      ['search', 3],
      ['query', 3],
      ['alias', null],
      ['search by alias', 3],
      ['describe alias', 'books'],
      ['drop alias', null],
      ['create database', null],
      ['list databases', ['default', 'hr']],
      ['r: list', ['books']],
      ['r: search', 3],
      ['rw: insert', 1],
      ['drop database', null],
      ['drop', null],
      ['list', []],
    ])('%s does what Milvus does', (step, ok) => {
      expect(steps.get(step)).toMatchObject({ ok });
    });
  });

  describe('what is not', () => {
    it.each(['r: insert', 'r: drop', 'r: search another', 'r: another database', 'rw: drop'])(
      '%s is an error at once, and not sent again',
      (step) => {
        const { error, says, seconds } = steps.get(step) as Step;
        expect([error, says]).toEqual([
          'PERMISSION_DENIED',
          expect.stringContaining('permission deny'),
        ]);
        expect(seconds).toBeLessThan(onceAtMost);
      },
    );

    it('few: insert over the limit is an error at once, and sent once', async () => {
      const { error, seconds } = steps.get('few: insert') as Step;
      expect(error).toBe('RESOURCE_EXHAUSTED');
      expect(seconds).toBeLessThan(onceAtMost);
      const told = () => gateway.audit().filter(({ refusal }) => refusal === 'over-limit');
      await expect.poll(() => told().length).toBeGreaterThan(0);
      expect(told().map(({ operation, count = 1 }) => [operation, count])).toEqual([
        ['entities.insert', 1],
      ]);
    });

    it.each(['nobody', 'wrong'])('%s cannot connect, and is told so at once', (step) => {
      expect(steps.get(step)).toMatchObject({ error: 2 });
      expect(steps.get(step)?.seconds).toBeLessThan(onceAtMost);
    });

    it('is recorded once for each time it was asked', () => {
      const denials = gateway.audit().filter(({ kind }) => kind === 'denial');
      const drops = denials.filter(({ operation }) => operation === 'collections.drop');
      expect(drops).toHaveLength(2);
    });
  });
}
