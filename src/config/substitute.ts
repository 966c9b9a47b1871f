import { resolve } from 'node:path';
import { type Document, type Path, problemAt } from '../document.ts';
import type { Problem } from '../problem.ts';
import { isFileError, readSecretFile } from '../secret-file.ts';

/** Where `${NAME}` is looked up: `process.env`, or what a test says. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that came from outside the file, and the words that stand for it in the file. */
export interface Substitution {
  readonly written: string;
  readonly value: string;
}

/** What a reference came to: its value, or why there is none and what to do. */
export type Found =
  | { readonly value: string; readonly standIn?: true }
  | { readonly missing: string; readonly remedy: string };

/** What was fetched from secret stores, by the reference without `${` and `}`. */
export type Fetched = ReadonlyMap<string, Found>;

/** What references are looked up in. */
export interface Places {
  /** The folder that relative paths start at. */
  readonly base: string;
  readonly env: Environment;
  readonly fetched: Fetched;
}

/** The data of a document with every reference replaced, and what was learnt on the way. */
export interface Substituted {
  readonly data: unknown;
  readonly substitutions: readonly Substitution[];
  /** The files that references were read from. */
  readonly files: readonly string[];
  /** The references to secret stores, without `${` and `}`, each once. */
  readonly toStores: readonly string[];
  /** Where a value stands in for one that was not fetched: nothing can be said of it. */
  readonly standIns: readonly string[];
  readonly problems: readonly Problem[];
}

const deepestNesting = 32;

/** A reference: its name, and `}` where it has one. */
const reference = /\$\{([^}]*)(\}?)/g;

/** Whether a reference is to a secret store. */
function isToStore(name: string): boolean {
  return name.startsWith('vault:') || name.startsWith('aws:');
}

/**
 * Replaces `${NAME}`, `${file:/path}` and references to secret stores in every text of a document:
 * once, so that what a variable or a file holds is never read as a reference itself. Throws
 * nothing; problems are collected.
 */
export function substitute(document: Document, places: Places): Substituted {
  const substitutions: Substitution[] = [];
  const files = new Set<string>();
  const toStores = new Set<string>();
  const standIns: string[] = [];
  const problems: Problem[] = [];

  function walk(value: unknown, path: Path): unknown {
    if (path.length > deepestNesting) return fail(path, 'nested too deeply', 'Flatten it', null);
    if (typeof value === 'string') return value.includes('${') ? replace(value, path) : value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]),
    );
  }

  function replace(text: string, path: Path): string {
    return text.replace(reference, (written: string, name: string, end: string) => {
      if (end === '') return fail(path, 'a reference without its }', 'Close it', written);
      if (name.startsWith('file:')) files.add(pathIn(name, places));
      if (isToStore(name)) toStores.add(name);
      const found = lookUp(name, places);
      if ('missing' in found) return fail(path, found.missing, found.remedy, written);
      if (found.standIn) standIns.push(problemAt(document, path, '', '').path);
      substitutions.push({ written, value: found.value });
      return found.value;
    });
  }

  function fail<T>(path: Path, message: string, remedy: string, kept: T): T {
    problems.push(problemAt(document, path, message, remedy));
    return kept;
  }

  const data = walk(document.data, []);
  const names = { files: [...files], toStores: [...toStores] };
  return { data, substitutions, ...names, standIns, problems };
}

function pathIn(name: string, { base }: Places): string {
  return resolve(base, name.slice('file:'.length));
}

function lookUp(name: string, places: Places): Found {
  const { env, fetched } = places;
  if (name.startsWith('file:')) return fromFile(pathIn(name, places));
  if (isToStore(name)) {
    const remedy = 'Refer to a file or a variable here';
    return fetched.get(name) ?? { missing: `\${${name}} was not fetched`, remedy };
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const remedy = `Write \${NAME} for an environment variable or \${file:/path} for a file`;
    return { missing: 'what stands between the braces is no reference', remedy };
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value !== undefined && value !== '') return { value };
  const what = value === undefined ? 'is not set' : 'is empty';
  // What is spelled otherwise may be the secret itself.
  if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(name)) {
    return {
      missing: `the environment variable ${what}`,
      remedy: 'Set the one that is named there',
    };
  }
  return { missing: `the environment variable ${name} ${what}`, remedy: `Set ${name}` };
}

function fromFile(path: string): Found {
  try {
    const value = new TextDecoder('utf-8', { fatal: true })
      .decode(readSecretFile(path))
      .replace(/\r?\n$/, '');
    return value === ''
      ? { missing: `${path} is empty`, remedy: 'Write the value into it' }
      : { value };
  } catch (error) {
    return unreadable(path, error);
  }
}

/** Never repeats what the file holds: a decoder's words about bytes are left out too. */
function unreadable(path: string, error: unknown): Found {
  if (isFileError(error, 'ENOENT')) {
    return { missing: `there is no file ${path}`, remedy: 'Create it or correct the path' };
  }
  if (error instanceof TypeError) {
    return { missing: `${path} is not UTF-8 text`, remedy: 'Write the value as text' };
  }
  const [missing, remedy] = (error instanceof Error ? error.message : 'unreadable').split('; ', 2);
  return {
    missing: missing ?? 'unreadable',
    remedy: remedy ?? `Make ${path} readable for this process`,
  };
}
