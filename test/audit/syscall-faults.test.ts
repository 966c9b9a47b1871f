import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import { verify } from '../../src/audit/verify.ts';
import { config, directory, type Line, lines, swiftFiles } from './scene.ts';

/*
 * The kernel itself fails a call of the log, at one place after the other, in a process of its own.
 */
const load = join(import.meta.dirname, 'fault-load.ts');
const strace = spawnSync('strace', ['-c', 'true']).status === 0;
const more = Number(process.env['VECTORGATE_CRASH_ROUNDS'] ?? 0) >= 200;
const places = more ? [2, 3, 4, 5, 8, 13, 21, 34, 55] : [2, 5];
const patience = 30_000;

interface Went {
  readonly code: number | null;
  readonly said: string;
  readonly told: { served: number; refused: number; servedAgain: number; ready: boolean } | null;
}

/** Runs a load while strace does this to the calls on its segments, and on their directory. */
async function under(folder: string, injected: string): Promise<Went> {
  const audit = join(folder, 'audit');
  const segments = Array.from({ length: 20 }, (_, n) => join(audit, `w1-${n + 1}.jsonl`));
  const on = [audit, ...segments].flatMap((path) => ['-P', path]);
  const shown = ['-f', '-o', '/dev/null', ...on, '-e', `inject=${injected}`];
  const child = spawn('strace', [...shown, process.execPath, load, folder], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' },
  });
  const heard = [text(child.stdout), text(child.stderr), once(child, 'close')] as const;
  const [out, said, [code]] = await Promise.all(heard);
  return { code, said, told: out === '' ? null : JSON.parse(out) };
}

/** Holds the log that is left, after one more start, to what was seen; gives its records. */
async function judged(folder: string): Promise<Line[]> {
  const of = config({ directory: join(folder, 'audit') });
  await (await openAudit(of, { files: swiftFiles, eachSecond: () => () => {} })).close();
  expect(verify(of.directory)).toMatchObject({ ok: true, firstBad: null });
  const all = lines(of);
  const requests = (...kinds: string[]) =>
    all.filter(({ kind }) => kinds.includes(kind)).map(({ request }) => String(request));
  const ids = (file: string) =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n') : [];
  const without = (some: readonly string[], known: readonly string[]) =>
    some.filter((id) => id !== '' && !known.includes(id));
  const intents = requests('intent');
  expect(without(ids('seen'), intents)).toEqual([]);
  expect(without(ids('told'), requests('outcome'))).toEqual([]);
  expect(requests('outcome', 'indeterminate').toSorted()).toEqual(intents.toSorted());
  return all;
}

describe.skipIf(!strace)('a call of the log that the kernel fails (needs strace)', () => {
  it.each(
    ['write:error=EIO', 'write:error=ENOSPC', 'fdatasync:error=EIO'].flatMap((what) =>
      places.map((place) => [what, place] as const),
    ),
  )(
    '%s, at call %i: refuses, explains, and goes on',
    async (what, place) => {
      const folder = directory();
      const { told } = await under(folder, `${what}:when=${place}`);
      expect(told).toMatchObject({ ready: true });
      const faults = (await judged(folder)).filter(({ event }) => event === 'audit.fault');
      // A segment that cannot be begun is no loss: the log goes on in the one before.
      if (place > 5 && told?.refused === 0) return expect(faults).toEqual([]);
      expect(told?.refused).toBeGreaterThan(0);
      expect(told?.servedAgain).toBeGreaterThan(0);
      expect(faults).toContainEqual(
        expect.objectContaining({ error: expect.stringMatching(/^E(IO|NOSPC): /) }),
      );
    },
    patience,
  );

  it.each(['write:error=EIO', 'fdatasync:error=EIO', 'write:error=ENOSPC'])(
    '%s, from some call on: refuses for good',
    async (what) => {
      const folder = directory();
      const { told } = await under(folder, `${what}:when=6+`);
      expect(told).toMatchObject({ ready: false });
      // Of each client, what was under way may still be told.
      expect(told?.servedAgain).toBeLessThanOrEqual(5);
      expect(told?.refused).toBeGreaterThan(0);
      await judged(folder);
    },
    patience,
  );

  it.each([
    'openat:error=EMFILE:when=1',
    'openat:error=EACCES:when=1',
    'write:error=ENOSPC:when=1',
    'fdatasync:error=EIO:when=1',
    'fsync:error=EIO:when=1',
  ])(
    '%s: does not start, and says why',
    async (what) => {
      const folder = directory();
      const { code, said } = await under(folder, what);
      expect(code).not.toBe(0);
      expect(said).toMatch(/the audit directory .* cannot be (read|written) \(E\w+/);
      expect(existsSync(join(folder, 'seen'))).toBe(false);
      await judged(folder);
    },
    patience,
  );

  it.each(['openat:error=EMFILE:when=2', 'fsync:error=EIO:when=2'])(
    '%s: takes nothing from the log',
    async (what) => {
      const folder = directory();
      await under(folder, what);
      await judged(folder);
    },
    patience,
  );
});

const mounts = spawnSync('unshare', ['--mount', 'true']).status === 0;

it.skipIf(!mounts)(
  'a volume that is full: refuses, and goes on once there is room (needs leave to mount)',
  async () => {
    const folder = directory();
    const script = `
      mkdir "$1/audit" && mount -t tmpfs -o size=64k tmpfs "$1/audit" &&
      head -c 24576 /dev/zero > "$1/audit/filling" &&
      "$2" "$3" "$1" "$1/audit/filling"; cp "$1"/audit/w1* "$1"/left/`;
    const made = spawnSync('mkdir', [join(folder, 'left')]);
    expect(made.status).toBe(0);
    const ran = spawn('unshare', [
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      folder,
      process.execPath,
      load,
    ]);
    const [out] = await Promise.all([text(ran.stdout), once(ran, 'close')]);
    expect(JSON.parse(out).servedAgain).toBeGreaterThan(5);
    expect(JSON.parse(out).refused).toBeGreaterThan(0);
    spawnSync('sh', ['-c', 'rm -rf "$0/audit" && mv "$0/left" "$0/audit"', folder]);
    await judged(folder);
  },
  patience,
);
