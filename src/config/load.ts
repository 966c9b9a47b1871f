import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { check, type Document, type Path, problemAt, readDocument } from '../document.ts';
import { Misconfigured, type Problem } from '../problem.ts';
import { isFileError } from '../secret-file.ts';
import { disagreements } from './agreement.ts';
import { type Config, configSchema, freeze, type Sections } from './config.ts';
import { resolvePaths } from './paths.ts';
import { redact } from './redact.ts';
import type { Stores } from './stores/fetch.ts';
import { type Environment, type Fetched, substitute } from './substitute.ts';
import { warningsOf } from './warnings.ts';

/** A configuration that may be served, and what an operator should know of it. */
export interface Loaded {
  readonly config: Config;
  readonly warnings: readonly Problem[];
  /** The files that references were read from. */
  readonly secretFiles: readonly string[];
  /** What secret stores are asked again; null: no reference leads to one. */
  readonly stores: Stores | null;
  /** The same text with its references looked up anew. Throws `Misconfigured`. */
  again(fetched?: Fetched): Loaded;
  /** A problem found later with what the configuration names, at the line that names it. */
  problemAt(path: Path, message: string, remedy: string): Problem;
}

/**
 * Reads vectorgate.yaml whole: references replaced, every section checked, the sections checked
 * against each other, every path made absolute. Opens nothing; what stands in secret stores was
 * fetched before. Throws `Misconfigured` with every problem at once; no substituted value stands in
 * any of them.
 */
export function loadConfig(
  file: string,
  env: Environment = process.env,
  fetched: Fetched = new Map(),
): Loaded {
  return understood(openConfig(file), env, fetched);
}

/** Reads vectorgate.yaml as it stands, with nothing looked up. Throws `Misconfigured`. */
export function openConfig(file: string): Document {
  return parse(file, readText(file));
}

/** What a file says with its references replaced. Throws `Misconfigured`. */
export function understood(document: Document, env: Environment, fetched: Fetched): Loaded {
  const base = dirname(resolve(document.file));
  const replaced = substitute(document, { base, env, fetched });
  const { data, substitutions, problems: unreplaced } = replaced;
  const { sections, problems: invalid } = readSections(document, data);
  const known = new Set([...unreplaced.map(({ path }) => path), ...replaced.standIns]);
  const problems = [
    ...unreplaced,
    ...invalid.filter(({ path }) => !known.has(path)),
    ...resolvePaths(document, sections, base).filter(({ path }) => !known.has(path)),
    ...disagreements(document, sections),
  ];
  const told = (problem: Problem) => redact(problem, substitutions);
  if (problems.length > 0) throw new Misconfigured(problems.map(told).sort(byLine));
  const config = freeze(sections as Config);
  return {
    config,
    warnings: warningsOf(document, config).map(told),
    secretFiles: replaced.files,
    stores: null,
    again: (next = fetched) => understood(document, env, next),
    problemAt: (path, message, remedy) => told(problemAt(document, path, message, remedy)),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const missing = isFileError(error, 'ENOENT');
    const problem = {
      file,
      line: null,
      path: '',
      message: missing ? 'there is no such file' : 'the file cannot be read',
      remedy: missing
        ? 'Name the configuration with --config'
        : 'Make it readable for the user that runs the gateway',
    };
    throw new Misconfigured([problem]);
  }
}

/** YAML's own words about a reference that `{ }` makes unreadable would help nobody. */
function parse(file: string, text: string): Document {
  try {
    return readDocument(file, text);
  } catch (error) {
    const at = text.split('\n').findIndex((line) => /[{,].*:\s*\$\{/.test(line));
    if (!(error instanceof Misconfigured) || error.problems[0]?.line !== at + 1) throw error;
    const message = 'a reference that stands between { and } is not quoted';
    const remedy = `Quote it: "\${NAME}"`;
    throw new Misconfigured([{ file, line: at + 1, path: '', message, remedy }]);
  }
}

/** The sections that are good, even where others are not, so that every problem is told at once. */
function readSections(document: Document, data: unknown) {
  try {
    return { sections: check(document, configSchema, data) as Sections, problems: [] };
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    return { sections: goodSections(data), problems: error.problems };
  }
}

function goodSections(data: unknown): Sections {
  const written = Object(data) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(configSchema.shape).flatMap(([key, schema]) => {
      const result = schema.safeParse(written[key]);
      return result.success && result.data !== undefined ? [[key, result.data]] : [];
    }),
  );
}

function byLine(one: Problem, other: Problem): number {
  return (one.line ?? 0) - (other.line ?? 0);
}
