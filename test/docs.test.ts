import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createMetrics } from '../src/admin/metrics.ts';
import { verbNames } from '../src/cli/verbs.ts';
import { configSchema } from '../src/config/config.ts';
import { refusals } from '../src/refusal.ts';
import { everyRoute } from './admin/scene.ts';
import { stateWith } from './admin/state.ts';

/** The cells of every row whose first cell is one or more words in backticks. */
function rowsOf(file: string): string[][] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(2, -2)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
}

const firstWord = ([cell = '']: readonly string[]) => /^`([^`]+)`$/.exec(cell)?.[1] ?? cell;

interface ConfigKey {
  readonly key: string;
  /** As the docs write it: `` `value` ``, `required` or `none`. */
  readonly absent: string;
}

/** Every key of a schema that holds a value of its own. */
function configKeys(schema: z.core.$ZodType, key: string, absent: string): readonly ConfigKey[] {
  const { def } = schema._zod as unknown as { def: z.core.$ZodTypeDef & Record<string, unknown> };
  const inner = (name: string) => def[name] as z.core.$ZodType;
  const withDefault = () =>
    typeof def['defaultValue'] === 'object' ? 'none' : `\`${String(def['defaultValue'])}\``;
  switch (def.type) {
    case 'object': {
      const shape = Object.entries(def['shape'] as Record<string, z.core.$ZodType>);
      const prefix = key === '' ? '' : `${key}.`;
      return shape.flatMap(([name, held]) => configKeys(held, prefix + name, 'required'));
    }
    case 'array':
      return configKeys(inner('element'), `${key}[]`, 'required');
    case 'optional':
      return configKeys(inner('innerType'), key, 'none');
    case 'default':
    case 'prefault':
      return configKeys(inner('innerType'), key, withDefault());
    case 'pipe':
      return configKeys(inner('in'), key, absent);
    case 'union':
      return keysOfEach(def['options'] as readonly z.core.$ZodType[], key, absent);
    default:
      return [{ key, absent }];
  }
}

/** The keys of every kind that a list may hold, each once; one key where it holds plain values. */
function keysOfEach(
  options: readonly z.core.$ZodType[],
  key: string,
  absent: string,
): readonly ConfigKey[] {
  const keys = options.flatMap((option) => configKeys(option, key, absent));
  if (keys.some((each) => each.key === key || each.key === `${key}[]`)) return [{ key, absent }];
  return [...new Map(keys.map((each) => [each.key, each])).values()];
}

describe('docs/configuration.md', () => {
  const rows = rowsOf('docs/configuration.md');
  const isKey = (row: readonly string[]) => !/^`(vectorgate_|GET |POST )/.test(row[0] ?? '');

  it('has every key with what holds where it is left out, and nothing else', () => {
    const written = rows.filter(isKey).map((row) => ({ key: firstWord(row), absent: row[2] }));
    expect(written).toEqual(expect.arrayContaining([...configKeys(configSchema, '', 'required')]));
    expect(written).toHaveLength(configKeys(configSchema, '', 'required').length);
  });

  it('has every metric of the gateway with its labels, and nothing else', async () => {
    const written = rows.map(firstWord).filter((word) => word.startsWith('vectorgate_'));
    const workers = { id: 'w1', count: 2, workers: [], restarts: 0 };
    const text = await createMetrics(stateWith({ workers })).text();
    const exposed = [...text.matchAll(/^# TYPE (vectorgate_\w+) /gm)].map(([, name]) => name);
    expect(written.sort()).toEqual(exposed.sort());
  });
});

describe('docs/refusals.md', () => {
  it('has one line for every refusal with both its statuses, and nothing else', () => {
    const written = rowsOf('docs/refusals.md').map((row) => {
      const [http, grpc = ''] = row.slice(1);
      return [firstWord(row), { http: Number(http), grpc: Number.parseInt(grpc, 10) }] as const;
    });
    const rows = Object.entries(refusals).map(([code, { http, grpc }]) => [code, { http, grpc }]);
    expect(written).toEqual(rows);
  });

  it('says of every refusal what it means and what to do', () => {
    for (const row of rowsOf('docs/refusals.md')) {
      expect(row).toHaveLength(5);
      for (const cell of row) expect(cell.trim()).not.toBe('');
    }
  });
});

describe('docs/cli.md', () => {
  it('has one line for every command, and nothing else', () => {
    const written = rowsOf('docs/cli.md').map((row) => firstWord(row).replace('vectorgate ', ''));
    expect(written.sort()).toEqual([...verbNames].sort());
  });
});

describe('docs/admin-api.md', () => {
  it('has every call of the admin port with who may, and nothing else', () => {
    const calls = rowsOf('docs/admin-api.md').filter(([cell]) => /^`(GET|POST) /.test(cell ?? ''));
    const written = calls.map((row) => [firstWord(row), row[1]]);
    const served = everyRoute().map(({ method, path, role, fresh }) => {
      return [`${method} ${path}`, `${role ?? 'anyone'}${fresh ? ', fresh' : ''}`];
    });
    expect(written.sort()).toEqual(served.sort());
  });
});

describe('docs/dependencies.md', () => {
  it('has a reason for every package, and none for what is not there', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, object>;
    const declared = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
    const written = rowsOf('docs/dependencies.md').flatMap(([cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    expect(written.sort()).toEqual(declared.sort());
  });
});

describe('links between documents', () => {
  const documents = [
    ...readdirSync('.').filter((name) => name.endsWith('.md')),
    ...readdirSync('docs').map((name) => `docs/${name}`),
  ];

  it.each(documents)('of %s lead to files', (file) => {
    const folder = file.startsWith('docs/') ? 'docs/' : '';
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
    for (const [, target = ''] of links) {
      expect([target, existsSync(`${folder}${target}`)]).toEqual([target, true]);
    }
  });
});
