import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** One import of a source file. */
export interface Import {
  /** `src/policy/decision.ts` of our own files; else as it is written: `node:http`. */
  readonly from: string;
  /** Whether the compiler leaves nothing of it: `import type`, not `import { type A }`. */
  readonly types: boolean;
}

/** A function of a source file, closures included. */
export interface FunctionSpan {
  readonly name: string;
  /** Its own: a function inside it counts as one. */
  readonly lines: number;
}

/** A source file as it was read. */
export interface SourceFile {
  /** `src/policy/decide.ts` */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
  /** Names of exported values; types are free. */
  readonly exports: readonly string[];
  readonly functions: readonly FunctionSpan[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Every TypeScript file under a folder of the checkout. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(join(folder, name)))
    .sort((a, b) => a.path.localeCompare(b.path));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const nodes = [...nodesOf(parseAst(text, { lang: 'ts' }) as unknown as Node, null)];
  return {
    path,
    text,
    lines: text.replace(/\n$/, '').split('\n'),
    imports: nodes.flatMap(({ node }) => importOf(node, path)),
    exports: nodes.flatMap(({ node }) => exportedValues(node)),
    functions: functionsOf(nodes, text),
  };
}

interface Placed {
  readonly node: Node;
  readonly parent: Node | null;
}

/** A function that stands inside another counts for itself, and as one line of the other. */
function functionsOf(nodes: readonly Placed[], text: string): FunctionSpan[] {
  const lines = new Map<Node, number>();
  const open: Node[] = [];
  const found = nodes.filter(({ node }) => isFunction(node));
  for (const { node } of found) {
    const own = text.slice(node.start, node.end).split('\n').length;
    lines.set(node, own);
    while (open.length > 0 && (open.at(-1)?.end ?? 0) <= node.start) open.pop();
    const outer = open.at(-1);
    if (outer) lines.set(outer, (lines.get(outer) ?? 0) - own + 1);
    open.push(node);
  }
  return found.map(({ node, parent }) => ({
    name: nameOf(node, parent),
    lines: lines.get(node) ?? 0,
  }));
}

function isFunction(node: Node): boolean {
  return /^(Function|ArrowFunction)/.test(node.type) && Boolean(node['body']);
}

/** In the order of the text, the outer before the inner. */
function* nodesOf(node: Node, parent: Node | null): Generator<Placed> {
  yield { node, parent };
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) {
      if (typeof inner === 'object' && inner !== null && 'type' in inner) {
        yield* nodesOf(inner as Node, node);
      }
    }
  }
}

const importing = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'];

function importOf(node: Node, path: string): Import[] {
  const source = node['source'] as { value?: string } | null | undefined;
  if (typeof source?.value !== 'string') return [];
  if (!importing.includes(node.type) && node.type !== 'ImportExpression') return [];
  const types = node['importKind'] === 'type' || node['exportKind'] === 'type';
  const own = source.value.startsWith('.');
  const from = own ? relative('.', resolve(dirname(path), source.value)) : source.value;
  return [{ from, types }];
}

function exportedValues(node: Node): string[] {
  if (node.type === 'ExportDefaultDeclaration') return ['default'];
  if (node.type !== 'ExportNamedDeclaration' || node['exportKind'] === 'type') return [];
  const declared = node['declaration'] as Node | null;
  if (!declared)
    return ((node['specifiers'] ?? []) as Node[]).map((part) => nameIn(part['exported']));
  if (declared.type.startsWith('TS')) return [];
  const declarators = declared['declarations'] as Node[] | undefined;
  return (declarators ?? [declared]).map((part) => nameIn(part['id']));
}

function nameOf(node: Node, parent: Node | null): string {
  return nameIn(node['id']) || nameIn(parent?.['id']) || nameIn(parent?.['key']) || '(closure)';
}

function nameIn(node: unknown): string {
  return (node as { name?: string } | null | undefined)?.name ?? '';
}
