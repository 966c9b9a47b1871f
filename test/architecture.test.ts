import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Import, type SourceFile, sourceFiles } from './support/source.ts';

/** Whoever stands here may know only what stands before it. */
const order: readonly string[] = [
  'tls',
  'store',
  'identity',
  'catalog',
  'policy',
  'limits',
  'audit',
  'proxy',
  'admin',
  'config',
  'demo',
  'gateway',
  'cli',
];

/** The files at the root, which everybody may know; in their own order. */
const rootFiles = ['refusal.ts', 'problem.ts', 'secret-file.ts', 'document.ts'];

/** Where values of every folder meet. */
const assembling = ['gateway', 'cli'];

/** The root files aside, whose values cross: each folder's own section of the configuration. */
const isSection = (path: string) => /^src\/[a-z]+\/config\.ts$/.test(path);

/** What a folder must never know, as far as an import can tell it. */
const wire = /^(node:(net|tls|http2?|https|dgram)|undici)$/;
const http = /^(node:(http2?|https)|undici)$/;
const never: readonly { folder: string; knows: RegExp; but?: RegExp; because: string }[] = [
  { folder: 'tls', knows: http, because: 'a handshake knows no HTTP' },
  { folder: 'identity', knows: wire, but: /^node:net$/, because: 'a claimant is enough' },
  { folder: 'catalog', knows: wire, because: 'a row knows no socket' },
  { folder: 'catalog', knows: /^src\/(tls|identity)\//, because: 'a row knows no caller' },
  { folder: 'policy', knows: wire, because: 'policy knows no wire' },
  { folder: 'policy', knows: /^src\/catalog\/[a-z]+\//, because: 'policy knows no database' },
  { folder: 'limits', knows: wire, because: 'a limit does not answer' },
  { folder: 'audit', knows: wire, because: 'the log does not answer' },
  {
    folder: 'proxy',
    knows: /^src\/policy\//,
    but: /^src\/policy\/(decision|permit)\.ts$/,
    because: 'the proxy does not know the policy language',
  },
  {
    folder: 'proxy',
    knows: /^src\/identity\//,
    but: /^src\/identity\/identity\.ts$/,
    because: 'the proxy does not know which credentials exist',
  },
  {
    folder: 'proxy',
    knows: /^src\/catalog\/[a-z]+\//,
    but: /^src\/catalog\/reading\//,
    because: 'the proxy knows no database by name',
  },
  { folder: 'catalog/qdrant', knows: /^src\/catalog\/milvus\//, because: 'siblings' },
  { folder: 'catalog/milvus', knows: /^src\/catalog\/qdrant\//, because: 'siblings' },
  { folder: 'catalog/reading', knows: /^src\/catalog\/(qdrant|milvus)\//, because: 'readers' },
  { folder: 'proxy/http', knows: /^src\/proxy\/grpc\//, because: 'siblings' },
  { folder: 'proxy/grpc', knows: /^src\/proxy\/http\//, because: 'siblings' },
  { folder: 'demo', knows: /^src\/catalog\//, because: 'it judges what the catalogue reads' },
];

const files = sourceFiles('src');

/** `policy` for src/policy/decide.ts; null for a file at the root. */
function folderOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function imports(keep: (file: SourceFile, one: Import) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports.filter((one) => keep(file, one)).map(({ from }) => `${file.path} → ${from}`),
  );
}

describe('the dependency rule', () => {
  it('knows every folder', () => {
    expect(imports(() => true).length).toBeGreaterThan(files.length);
    const folders = new Set(
      files.map(({ path }) => folderOf(path)).filter((name) => name !== null),
    );
    expect([...folders].filter((name) => !order.includes(name))).toEqual([]);
  });

  it('knows every root file, and each of them knows only those before it', () => {
    const root = files.filter(({ path }) => folderOf(path) === null);
    expect(root.map(({ path }) => path.slice('src/'.length)).sort()).toEqual([...rootFiles].sort());
    const rank = (path: string) => rootFiles.indexOf(path.slice('src/'.length));
    const wrong = imports((file, { from }) => {
      if (folderOf(file.path) !== null || !from.startsWith('src/')) return false;
      return folderOf(from) !== null || rank(from) >= rank(file.path);
    });
    expect(wrong).toEqual([]);
  });

  it('lets a folder know only what stands before it', () => {
    const rank = (path: string) => order.indexOf(folderOf(path) ?? '');
    const wrong = imports((file, { from }) => {
      if (!from.startsWith('src/') || folderOf(from) === null) return false;
      return rank(from) > rank(file.path);
    });
    expect(wrong).toEqual([]);
  });

  it('lets only types cross between folders, save root files, sections and where values meet', () => {
    const wrong = imports((file, { from, types }) => {
      const folder = folderOf(file.path);
      if (types || !from.startsWith('src/') || folder === null) return false;
      if (folderOf(from) === null || folderOf(from) === folder || isSection(from)) return false;
      return !assembling.includes(folder);
    });
    expect(wrong).toEqual([]);
  });

  it.each(never)('$folder: $because ($knows)', ({ folder, knows, but }) => {
    const wrong = imports(
      (file, { from }) =>
        file.path.startsWith(`src/${folder}/`) && knows.test(from) && !but?.test(from),
    );
    expect(wrong).toEqual([]);
  });

  it('imports nothing of ours by another way than a file of src/', () => {
    expect(imports((_, { from }) => /^(\.\.|test\/|bench\/|node_modules\/)/.test(from))).toEqual(
      [],
    );
  });

  it('declares every package it imports', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const known = Object.keys(manifest.dependencies);
    const wrong = imports(
      (_, { from }) =>
        !from.startsWith('src/') &&
        !from.startsWith('node:') &&
        !known.some((name) => from === name || from.startsWith(`${name}/`)),
    );
    expect(wrong).toEqual([]);
  });
});

describe('what policy decides', () => {
  /** Without comments: those may say what a rule is for. */
  const policies = files
    .filter(({ path }) => path.startsWith('src/policy/'))
    .map(({ path, text }) => ({ path, code: text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '') }));

  it('depends on no clock', () => {
    const clock = /\bDate\.now|new Date\b|performance\.now|setTimeout|setInterval/;
    expect(policies.filter(({ code }) => clock.test(code)).map(({ path }) => path)).toEqual([]);
  });

  it('names no database', () => {
    const names = /qdrant|milvus/i;
    expect(policies.filter(({ code }) => names.test(code)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the house rules', () => {
  it('have no drawers', () => {
    const drawer = /\/(utils?|helpers?|common|misc|shared|types)(\/|\.ts$)/;
    expect(files.filter(({ path }) => drawer.test(path)).map(({ path }) => path)).toEqual([]);
  });

  it('have no default exports', () => {
    const wrong = files.filter(({ exports }) => exports.includes('default'));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('name the order in ARCHITECTURE.md as it is here', () => {
    const text = readFileSync('ARCHITECTURE.md', 'utf8').replace(/\s+/g, ' ');
    expect(text).toContain(order.join(' → '));
  });
});
