import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Leashed, spawnLeashed } from '../support/gateway.ts';
import { findPython } from '../support/python.ts';

const python = findPython();
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const places = [resolve('node_modules/.bin'), ...(python ? [dirname(python.command)] : [])];
/** As in a shell in which this checkout's Node and the Python at hand come first. */
const env = { ...process.env, PATH: [...places, process.env['PATH']].join(':') };
/** Of its own accord it calls itself so. */
const isPython3 = python !== null && /(^|\/)python3$/.test(python.command);
if (!hasCurl) console.log('demo: without curl its line is skipped');
if (!isPython3) console.log('demo: without a python3 that has qdrant-client its line is skipped');

/** The demo, started as `npm start` starts it; what it has printed until `until`. */
async function startDemo(until: RegExp, ...args: string[]) {
  const child = spawnLeashed(['demo', ...args], env);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const lines: string[] = [];
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const printed = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (until.test(line)) printed.resolve();
  });
  ended.then(() => printed.reject(new Error(`ended: ${complaints.join('')}`)));
  await printed.promise;
  return { child, lines, complaints, ended };
}

async function stop(child: Leashed, signal: NodeJS.Signals, ended: Promise<number | null>) {
  child.kill(signal);
  return ended;
}

function told(lines: readonly string[], pattern: RegExp): string {
  const found = lines.map((line) => pattern.exec(line)?.[1]).find((part) => part !== undefined);
  if (found === undefined) throw new Error(`${pattern} does not stand in ${lines.join('\n')}`);
  return found;
}

describe('npm start', () => {
  let demo: Awaited<ReturnType<typeof startDemo>>;
  beforeAll(async () => {
    demo = await startDemo(/^Stop with/);
  });
  afterAll(async () => {
    const ca = told(demo.lines, /^CA +(\S+)$/);
    expect(existsSync(ca)).toBe(true);
    expect(await stop(demo.child, 'SIGINT', demo.ended)).toBe(0);
    expect(existsSync(ca)).toBe(false);
  });

  it('says what it is, where it listens, and which keys do what', () => {
    const { lines, complaints } = demo;
    const [notice, ...more] = complaints.join('').trimEnd().split('\n');
    expect(notice).toContain('is not Qdrant: for demonstrations and tests only');
    expect(more).toEqual([]);
    expect(told(lines, /^REST +(\S+)$/)).toMatch(/^https:\/\/localhost:\d+$/);
    expect(told(lines, /^gRPC +(\S+)$/)).toMatch(/^https:\/\/localhost:\d+$/);
    expect(told(lines, /read and write on demo +(\S+)$/)).toMatch(/^vg_/);
    expect(told(lines, /^ +read on demo +(\S+)$/)).toMatch(/^vg_/);
  });

  it.for([
    ['curl', /^(curl .*)$/, hasCurl],
    ['python3', /^(python3 .*)$/, isPython3],
    ['TypeScript', /^(NODE_EXTRA_CA_CERTS=.*)$/, true],
  ] as const)('prints a line for %s that works as printed', ([name, pattern, isAble], { skip }) => {
    const line = told(demo.lines, pattern);
    skip(!isAble, `${name} is not at hand`);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { env, encoding: 'utf8' });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    // Three points, the nearest of them first.
    expect(stdout.match(/\bid\b/g)).toHaveLength(3);
    expect(stdout).toMatch(/score/);
  });
});

describe('npm start -- --json', () => {
  it('prints one line for machines, and serves what it names', async () => {
    const { child, lines, ended } = await startDemo(/"msg":"ready"/, '--json');
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(lines).toHaveLength(1);
    const ready = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(ready).toMatchObject({
      msg: 'ready',
      http: expect.stringMatching(/^https:\/\/localhost:\d+$/),
      grpc: expect.stringMatching(/^https:\/\/localhost:\d+$/),
      ca: expect.stringMatching(/ca\.pem$/),
      keys: { admin: expect.any(String), rw: expect.any(String), r: expect.any(String) },
    });
    expect(await stop(child, 'SIGTERM', ended)).toBe(0);
  });
});
