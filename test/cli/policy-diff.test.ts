import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AuditConfig } from '../../src/audit/config.ts';
import { databaseNamed } from '../../src/catalog/databases.ts';
import type { Operation } from '../../src/catalog/operation.ts';
import { verb } from '../../src/cli/policy-diff.ts';
import type { Changes } from '../../src/cli/replayed.ts';
import type { Identity } from '../../src/identity/identity.ts';
import { Refusal } from '../../src/refusal.ts';
import {
  config,
  digest,
  directory,
  exchange,
  identity,
  needs,
  opened,
  outcome,
  permit,
  seconds,
} from '../audit/scene.ts';

const { operations } = databaseNamed('qdrant');
const row = (name: string): Operation => {
  const found = operations.find((operation) => operation.name === name);
  if (!found) throw new Error(`no row ${name}`);
  return found;
};
const query = row('points.query');
const upsert = row('points.upsert');
const batch = row('points.update_batch');
const tenant = identity({
  kind: 'token',
  id: 'acme',
  roles: ['tenant'],
  claims: { tenant: 'acme' },
});

function policies(text: string): string {
  const folder = directory();
  writeFileSync(join(folder, 'search.yaml'), text);
  return folder;
}

interface Asking {
  readonly who?: Identity;
  readonly what: Operation;
  readonly on: readonly string[];
  readonly inside?: readonly Operation[];
  readonly why?: string;
}

const why = ({ name }: Operation) => `${name} needs write on x: no rule allows it`;

/** A log of what was allowed and what was denied. */
async function asked(allowed: readonly Asking[], denied: readonly Asking[]): Promise<AuditConfig> {
  const of = config();
  const second = seconds();
  const log = await opened(of, second);
  const audit = log.forUpstream('main', digest);
  const needed = ({ what, on, inside = [] }: Asking) =>
    [what, ...inside].flatMap((each) => needs(each, ...on));
  for (const asking of allowed) {
    const begun = permit(asking.what, asking.who ?? identity(), needed(asking));
    await (await audit.begin(exchange(), begun)).end(outcome);
  }
  for (const asking of denied) {
    await audit.deny({
      exchange: exchange({ id: 'denied' }),
      refusal: new Refusal('not-permitted', asking.why ?? why(asking.what)),
      identity: asking.who ?? identity(),
      operation: asking.what,
      needs: needed(asking),
    });
  }
  second.pass();
  await log.close();
  return of;
}

async function diff(of: AuditConfig, folder: string, values = {}) {
  const out: string[] = [];
  const input = { values: { audit: of.directory, ...values }, positionals: [folder], json: true };
  const print = (line: string) => out.push(line);
  const code = await verb.run({ ...input, print, complain: print });
  await verb.run({ ...input, json: false, print, complain: print });
  return { code, changes: JSON.parse(out[0] ?? '') as Changes, lines: out.slice(1) };
}

const search = 'role: search\nallow:\n  - { collections: ["prod*"], access: r }\n';

describe('policy diff', () => {
  it('finds nothing where the new policies say the same', async () => {
    const of = await asked(
      [{ what: query, on: ['products'] }],
      [{ what: upsert, on: ['products'] }],
    );
    const { code, changes, lines } = await diff(of, policies(search));
    expect(code).toBe(0);
    expect(changes).toEqual({ judged: 2, undecided: 0, gained: [], lost: [] });
    expect(lines[0]).toBe('nobody would gain or lose anything');
  });

  it('tells who would lose and gain what, by which rule, and how often', async () => {
    const of = await asked(
      [
        { what: query, on: ['products'] },
        { what: query, on: ['docs'] },
        { what: query, on: ['docs'] },
      ],
      Array.from({ length: 25 }, () => ({ what: upsert, on: ['products'] })),
    );
    const folder = policies(search.replace('access: r', 'access: prw'));
    const { code, changes, lines } = await diff(of, folder);
    expect(code).toBe(1);
    expect(changes.judged).toBe(28);
    expect(changes.lost).toEqual([
      expect.objectContaining({
        principal: 'k7Q2',
        operation: 'points.query',
        collections: ['docs'],
        count: 2,
        rule: null,
      }),
    ]);
    expect(changes.gained).toEqual([
      expect.objectContaining({
        operation: 'points.upsert',
        count: 25,
        requests: Array(5).fill('denied'),
      }),
    ]);
    expect(changes.gained[0]?.rule).toMatch(/search\.yaml:3$/);
    expect(lines[0]).toMatch(/^lose {2}rag-service \(k7Q2\): points\.query on docs, 2×: no rule/);
  });

  it('replays claims, whoever is beside, and the operations inside a batch', async () => {
    const both = identity({ beside: identity({ kind: 'certificate', id: 'c', roles: ['none'] }) });
    const of = await asked(
      [
        { who: tenant, what: query, on: ['acme-docs'] },
        { who: tenant, what: query, on: ['other-docs'] },
        { who: both, what: query, on: ['products'] },
        { what: batch, on: ['products'], inside: [upsert] },
      ],
      [],
    );
    const folder = policies(
      search.replace('access: r', 'access: [list, read], operations: [points.update_batch]'),
    );
    const rule = '  - { collections: ["{claims.tenant}-*"], access: r }\n';
    writeFileSync(join(folder, 'tenant.yaml'), `role: tenant\nallow:\n${rule}`);
    const { changes } = await diff(of, folder);
    expect(changes.lost.map(({ principal, collections }) => [principal, ...collections])).toEqual([
      ['acme', 'other-docs'],
      ['k7Q2', 'products'],
      ['k7Q2', 'products'],
    ]);
  });

  it('takes no denial for a gain that policies did not give, however often it came', async () => {
    const told = "the database does not let the gateway's own user do what was permitted";
    const denials = Array.from({ length: 25 }, () => ({
      ...{ what: query, on: ['products'], why: told },
    }));
    const { code, changes } = await diff(await asked([], denials), policies(search));
    expect({ code, changes }).toEqual({
      code: 0,
      changes: { judged: 0, undecided: 0, gained: [], lost: [] },
    });
  });

  it('counts what it cannot judge, and looks no further back than it is told', async () => {
    const many = Array.from({ length: 40 }, (_, n) => `c${n}`);
    const of = await asked([], [{ what: query, on: many }]);
    const { code, changes } = await diff(of, policies(search));
    expect({ code, undecided: changes.undecided }).toEqual({ code: 0, undecided: 1 });
    const later = await diff(of, policies(search), { since: '2126-01-01' });
    expect(later.changes).toMatchObject({ judged: 0, undecided: 0 });
    const elsewhere = await diff(of, policies(search), { upstream: 'other' });
    expect(elsewhere.changes).toMatchObject({ judged: 0, undecided: 0 });
  });
});
