import {
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { Misconfigured, type Problem } from './problem.ts';

/** Where in a document something stands: `['upstreams', 0, 'http']`. */
export type Path = readonly PropertyKey[];

/** A YAML file that was read, and where each of its parts stands. */
export interface Document {
  readonly file: string;
  /** As it was written. */
  readonly text: string;
  readonly data: unknown;
  /** The line, from 1, of the deepest part of `path` that exists. */
  line(path: Path): number;
}

/** Parses YAML 1.2: one document, unique keys, aliases bounded. Throws `Misconfigured`, whose words
 * repeat nothing that is written, as it may be a secret. */
export function readDocument(file: string, text: string): Document {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const tell = (offset: number, message: string): Problem => {
    const remedy = 'Mend the YAML: a text with special characters stands between single quotes';
    return { file, line: lines.linePos(offset).line, path: '', message, remedy };
  };
  const wrong = [...parsed.errors, ...parsed.warnings].map(({ pos, code, message }) =>
    tell(pos[0], ownWords[code] ?? message.replace(/\.$/, '')),
  );
  wrong.push(...deadAliases(parsed).map((offset) => tell(offset, deadAlias)));
  if (wrong.length > 0) throw new Misconfigured(wrong);
  return {
    file,
    text,
    data: parsed.toJS({ maxAliasCount: 100 }),
    line: (path) => lines.linePos(offsetOf(parsed.contents, path)).line,
  };
}

/** Where the parser's words repeat what is written, which may be a secret. */
const ownWords: Partial<Record<ErrorCode, string>> = {
  BAD_DIRECTIVE: 'a % at the start of a line is a directive, which is none of YAML',
  BAD_DQ_ESCAPE: 'a \\ between double quotes begins an escape, which is none of YAML',
  IMPOSSIBLE: 'this cannot be read',
  TAG_RESOLVE_FAILED: 'a value that begins with ! is a tag, which is none of YAML',
  UNEXPECTED_TOKEN: 'this is not where it can be: something before it is left open, or not quoted',
};

const deadAlias = 'a value that begins with * is an alias, which leads nowhere';

/** Where an alias leads nowhere: the parser would say so only later, and repeat its name. */
function deadAliases(parsed: ReturnType<typeof parseDocument>): number[] {
  const anchors = new Set<string>();
  const dead: number[] = [];
  visit(parsed, {
    Node: (_key, node) => {
      if (isAlias(node) && !anchors.has(node.source)) dead.push(node.range?.[0] ?? 0);
      if (!isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
    },
  });
  return dead;
}

/** What a schema makes of a document. Throws `Misconfigured` with every problem at once. */
export function check<T>(document: Document, schema: z.ZodType<T>, data = document.data): T {
  const result = schema.safeParse(data, { error: inWords });
  if (result.success) return result.data;
  throw new Misconfigured(result.error.issues.flatMap((issue) => problemsOf(document, issue)));
}

/** A problem at a place in a document. */
export function problemAt(
  document: Document,
  path: Path,
  message: string,
  remedy: string,
): Problem {
  return { file: document.file, line: document.line(path), path: pathText(path), message, remedy };
}

/** What a schema that has no words of its own says, as `what is wrong; what to do`. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return 'is missing; add it, docs/configuration.md tells what it takes';
  }
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}`;
  return undefined;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function problemsOf(document: Document, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      problemAt(document, [...issue.path, key], 'unknown key', 'Remove it or correct its spelling'),
    );
  }
  const [message, remedy] = issue.message.split('; ', 2);
  return [
    problemAt(
      document,
      issue.path,
      message ?? issue.message,
      capitalised(remedy) ?? 'Correct the value; docs/configuration.md lists what each key takes',
    ),
  ];
}

function capitalised(text: string | undefined): string | undefined {
  return text && text.charAt(0).toUpperCase() + text.slice(1);
}

/** The offset of the deepest part of `path` that exists: of its key, where it has one, as that is
 * the line people look at. */
function offsetOf(root: Node | null, path: Path): number {
  let node = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    const [start, inner] = child(node, step) ?? [];
    if (start === undefined) break;
    offset = start?.range?.[0] ?? offset;
    node = inner ?? null;
  }
  return offset;
}

/** Where the part of a map or list begins, and what it holds. */
function child(
  node: Node | null,
  step: PropertyKey,
): [start: Node | null, held: Node | null] | null {
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined;
    return item ? [item, item] : null;
  }
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
  return pair ? [pair.key as Node | null, pair.value as Node | null] : null;
}

function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}
