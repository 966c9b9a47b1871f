import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { check, problemAt, readDocument } from '../document.ts';
import { Misconfigured, type Problem } from '../problem.ts';
import { bothGrants } from './both.ts';
import { compile } from './decide.ts';
import type { Grants, Policy, Subject } from './decision.ts';
import { type Ground, roleSchema } from './language.ts';
import { holderOf } from './quota.ts';
import { type Role, roleOf } from './role.ts';

/** The policies of one folder, with the roles they were made from. */
export interface LoadedPolicy extends Policy {
  readonly roles: readonly Role[];
  readonly ground: Ground;
}

/**
 * Reads every role of a folder: `*.yaml`, but not `*.test.yaml`; one role per file. Rules are known
 * by the folder's own name, wherever it is mounted: `policies/search.yaml:3`.
 * Roles of `builtIn` that no file of the folder has are added. Throws `Misconfigured` with every
 * problem of every file.
 */
export function loadPolicy(
  directory: string,
  ground: Ground,
  builtIn: readonly PolicyFile[] = [],
): LoadedPolicy {
  const problems: Problem[] = [];
  const files = readFiles(directory, problems);
  const schema = roleSchema(ground);
  const roles: Role[] = [];
  for (const { name, text } of files) {
    try {
      const document = readDocument(join(directory, name), text);
      const shown = `${basename(resolve(directory))}/${name}`;
      roles.push(roleOf(check(document, schema), document, shown));
    } catch (error) {
      if (!(error instanceof Misconfigured)) throw error;
      problems.push(...error.problems);
    }
  }
  problems.push(...namedTwice(roles));
  if (problems.length > 0) throw new Misconfigured(problems);
  const given = builtIn.map((file) => ({ file, role: builtInRole(file, schema) }));
  const added = given.filter(({ role }) => !roles.some(({ name }) => name === role.name));
  const all = [...files, ...added.map(({ file }) => file)];
  return policyOf([...roles, ...added.map(({ role }) => role)], ground, digestOf(all));
}

/** A policy from its roles; what it means for an identity is compiled once and kept beside it. */
function policyOf(roles: readonly Role[], ground: Ground, digest: string): LoadedPolicy {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const compiled = new WeakMap<object, Grants>();
  function grantsFor(identity: Subject): Grants {
    let grants = compiled.get(identity);
    if (!grants) {
      const held = [...new Set(identity.roles)].flatMap((name) => byName.get(name) ?? []);
      const { claims, labels } = identity;
      const own = compile(held, claims, labels, ground.defaultDatabase, holderOf(identity));
      grants = identity.beside ? bothGrants(own, grantsFor(identity.beside)) : own;
      compiled.set(identity, grants);
    }
    return grants;
  }
  return { digest, roles, ground, grantsFor };
}

interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

function builtInRole({ name, text }: PolicyFile, schema: ReturnType<typeof roleSchema>): Role {
  const document = readDocument(`built-in/${name}`, text);
  return roleOf(check(document, schema), document, document.file);
}

function readFiles(directory: string, problems: Problem[]): readonly PolicyFile[] {
  const files: PolicyFile[] = [];
  for (const name of policyNames(directory, problems)) {
    const file = join(directory, name);
    if (name.endsWith('.yml')) {
      problems.push(
        wholeFile(file, 'only *.yaml is read', `Rename it to ${name.slice(0, -3)}yaml`),
      );
      continue;
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
      files.push({ name, text });
    } catch (error) {
      problems.push(wholeFile(file, reason(error), 'Make it a readable file of UTF-8 text'));
    }
  }
  if (files.length === 0 && problems.length === 0) {
    const remedy = 'Add a role, such as policies/search.yaml of the examples';
    problems.push(
      wholeFile(directory, 'there is no policy here, so nobody may do anything', remedy),
    );
  }
  return files;
}

function policyNames(directory: string, problems: Problem[]): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith('.') && /\.ya?ml$/.test(name))
      .filter((name) => !/\.test\.ya?ml$/.test(name))
      .sort();
  } catch (error) {
    problems.push(wholeFile(directory, reason(error), 'Name a folder with policies in it'));
    return [];
  }
}

function namedTwice(roles: readonly Role[]): readonly Problem[] {
  const first = new Map<string, Role>();
  return roles.flatMap((role) => {
    const before = first.get(role.name);
    if (!before) {
      first.set(role.name, role);
      return [];
    }
    const message = `the role ${role.name} is also in ${before.document.file}`;
    return [problemAt(role.document, ['role'], message, 'Put all its rules into one file')];
  });
}

/** SHA-256 over each file's name and text, each after its length, so that no two folders agree. */
function digestOf(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256');
  for (const part of files.flatMap(({ name, text }) => [name, text])) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return `sha256:${hash.digest('hex')}`;
}

function wholeFile(file: string, message: string, remedy: string): Problem {
  return { file, line: null, path: '', message, remedy };
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'ENOENT') return 'it does not exist';
  return `it cannot be read (${String(code) || 'unknown error'})`;
}
