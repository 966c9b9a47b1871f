import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compressSegment } from '../../src/audit/compress.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { readNotes } from '../../src/audit/note.ts';
import { readPublicKeys } from '../../src/audit/signing-key.ts';
import { verify } from '../../src/audit/verify.ts';
import { config, segmentFiles } from './scene.ts';
import { copyOf, fileOf, forge, pair, run, signing } from './sealed-log.ts';

const script = join(import.meta.dirname, '../../examples/audit/verify.py');
const python = spawnSync('python3', ['-c', 'import cryptography']).status === 0;

const old = pair();
const current = pair();
const other = pair();

/** What was held elsewhere, and the log that it is about: two runs, each with a key of its own. */
interface Held {
  readonly of: AuditConfig;
  readonly older: AuditConfig;
  readonly notes: string;
  readonly publicPem: string;
}

async function sealed(): Promise<Held> {
  const notes = fileOf('');
  const first = signing(old, config(), { copy: notes });
  await run(first, 12);
  const older = copyOf(first);
  const second = { previousKey: old.pem, copy: notes };
  const of = signing(current, { ...first }, second);
  await run(of, 12);
  return { of, older, notes, publicPem: fileOf(old.publicPem) };
}

/** Compresses all but the newest segment, as time does: also what was tampered with. */
async function packed(of: AuditConfig): Promise<AuditConfig> {
  for (const path of segmentFiles(of).slice(0, -1)) {
    await compressSegment(path, new AbortController().signal);
  }
  return of;
}

/** A log whose beginning was deleted, and the rest compressed. */
async function shortened(): Promise<Held> {
  const held = await sealed();
  const retention = { size: 20_000, shippedOnly: false };
  const of = signing(current, { ...held.of, retention }, { copy: held.notes });
  await run(of, 40);
  return { ...held, of: await packed(of), publicPem: fileOf(current.publicPem) };
}

type Tamper = (of: AuditConfig, held: Held) => void | Promise<void>;

function rewrite(path: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'latin1').split('\n').slice(0, -1);
  writeFileSync(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
    'latin1',
  );
}

const third = (of: AuditConfig) => segmentFiles(of)[2] ?? '';
const edit = (line: string) => line.replace('rag-service', 'nobody-else');

/** The manifest would give some away; who tampers would remove it. */
const unlist = (of: AuditConfig) => rmSync(join(of.directory, 'w1.manifest.json'));

function reseal(of: AuditConfig, key: typeof other, change: (line: string) => string | null): void {
  forge(segmentFiles(of), key, change);
  unlist(of);
}

/** `elsewhere`: only a checkpoint that is held elsewhere tells. */
const tampers: [string, Tamper, 'elsewhere'?][] = [
  ['a record is deleted', (of) => rewrite(third(of), (all) => all.toSpliced(2, 1))],
  ['two are swapped', (of) => rewrite(third(of), ([a = '', b = '', ...all]) => [b, a, ...all])],
  ['one is doubled', (of) => rewrite(third(of), ([a = '', ...all]) => [a, a, ...all])],
  ['one is edited', (of) => rewrite(third(of), (all) => all.map(edit))],
  [
    'a config record is edited',
    (of) =>
      rewrite(segmentFiles(of)[0] ?? '', (all) =>
        all.map((line) =>
          line.replace('"unavailable":{"read":"refuse"', '"unavailable":{"read":"forward"'),
        ),
      ),
  ],
  [
    'a record of another log is spliced in',
    async (of) => {
      const strange = signing(old);
      await run(strange, 12);
      const [line = ''] = readFileSync(third(strange), 'latin1').split('\n').slice(1);
      rewrite(third(of), (all) => all.with(1, line));
    },
  ],
  [
    'a segment of another log is put in the place of its own',
    async (of) => {
      const strange = signing(old);
      await run(strange, 12);
      writeFileSync(third(of), readFileSync(third(strange)));
    },
  ],
  ['a segment is deleted', (of) => rmSync(third(of))],
  ['the first segment is deleted', (of) => rmSync(segmentFiles(of)[0] ?? '')],
  ['a segment is cut', (of) => rewrite(third(of), (all) => all.slice(0, -1))],
  [
    'a signature is edited',
    (of) =>
      rewrite(segmentFiles(of).at(-1) ?? '', (all) =>
        all.map((line) => line.replace(/"signature":"(.{20})./, '"signature":"$1_')),
      ),
  ],
  ['all is sealed again with a key of the intruder', (of) => reseal(of, other, edit)],
  ['all is sealed again with the current key', (of) => reseal(of, current, edit)],
  [
    'all is sealed again with the current key, without the hand-over',
    (of) => reseal(of, current, (line) => (line.includes('nextKey') ? null : edit(line))),
  ],
  [
    'all checkpoints are stripped and the chain is written anew',
    (of) => reseal(of, other, (line) => (line.includes('"checkpoint"') ? null : edit(line))),
  ],
  [
    'the newest records are cut off at a checkpoint',
    (of) => {
      const last = segmentFiles(of).at(-1) ?? '';
      rmSync(last);
      unlist(of);
    },
    'elsewhere',
  ],
  [
    'an older copy is put in its place',
    (of, { older }) => {
      for (const path of segmentFiles(of)) rmSync(path);
      for (const path of segmentFiles(older)) {
        writeFileSync(path.replace(older.directory, of.directory), readFileSync(path));
      }
      const name = 'w1.manifest.json';
      writeFileSync(join(of.directory, name), readFileSync(join(older.directory, name)));
    },
    'elsewhere',
  ],
  [
    'an older copy went another way from there',
    async (of, { older }) => {
      const fork = copyOf(older);
      await run(signing(old, fork), 40);
      expect(segmentFiles(fork).length).toBeGreaterThan(segmentFiles(of).length);
      for (const path of segmentFiles(of)) rmSync(path);
      for (const path of segmentFiles(fork)) {
        writeFileSync(path.replace(fork.directory, of.directory), readFileSync(path));
      }
      unlist(of);
    },
    'elsewhere',
  ],
  [
    'who holds the very key writes the whole log anew',
    (of) => {
      const paths = segmentFiles(of).slice(0, 3);
      for (const path of segmentFiles(of).slice(3)) rmSync(path);
      forge(paths, old, edit);
      unlist(of);
    },
    'elsewhere',
  ],
];

function ours(of: AuditConfig, held: Held, since: boolean): boolean {
  const notes = since ? readNotes(readFileSync(held.notes, 'utf8'), 'notes') : [];
  const trusted = readPublicKeys(readFileSync(held.publicPem, 'utf8'), 'key');
  return verify(of.directory, { notes, trusted }).ok;
}

function theirs(of: AuditConfig, held: Held, since: boolean) {
  const args = [script, of.directory, held.publicPem, ...(since ? [held.notes] : [])];
  const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  return { stands: status === 0, told: stdout + stderr };
}

describe('a log as it was written', () => {
  it('stands, by our verifier', async () => {
    const held = await sealed();
    expect(segmentFiles(held.of).length).toBeGreaterThan(5);
    expect(ours(held.of, held, true)).toBe(true);
    expect(ours(held.older, held, false)).toBe(true);
  });

  it.runIf(python)('stands, by the independent one', async () => {
    const held = await sealed();
    expect(theirs(held.of, held, true)).toEqual({ stands: true, told: 'the log stands\n' });
    expect(theirs(held.older, held, false).stands).toBe(true);
  });
});

describe('a log whose beginning was deleted, and the rest compressed', () => {
  const oldest = ({ directory }: AuditConfig) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.gz'))
      .sort((a, b) => Number(/-(\d+)/.exec(a)?.[1]) - Number(/-(\d+)/.exec(b)?.[1]))
      .map((name) => join(directory, name));

  it('stands, by our verifier and by the independent one', async () => {
    const held = await shortened();
    expect(oldest(held.of)[0]).not.toContain('w1-1.');
    expect(ours(held.of, held, true)).toBe(true);
    if (python) expect(theirs(held.of, held, true).told).toBe('the log stands\n');
  });

  it.each<[string, (of: AuditConfig) => void]>([
    ['one more segment is gone', (of) => rmSync(oldest(of)[0] ?? '')],
    ['one between is gone', (of) => rmSync(oldest(of)[1] ?? '')],
    [
      'a compressed byte is another',
      (of) => {
        const bytes = readFileSync(oldest(of)[1] ?? '');
        bytes.writeUInt8((bytes[100] ?? 0) ^ 1, 100);
        writeFileSync(oldest(of)[1] ?? '', bytes);
      },
    ],
    [
      'two exchange their names',
      (of) => {
        const [one = '', other = ''] = oldest(of);
        renameSync(one, `${one}.aside`);
        renameSync(other, one);
        renameSync(`${one}.aside`, other);
      },
    ],
  ])('tells both that %s', async (_what, tamper) => {
    const held = await shortened();
    tamper(held.of);
    expect(found(() => ours(held.of, held, false))).toBe(true);
    if (python) expect(theirs(held.of, held, false).stands).toBe(false);
  });
});

/** Damage that cannot be decompressed is told by an error that names the file. */
function found(stands: () => boolean): boolean {
  try {
    return !stands();
  } catch (error) {
    return String(error).includes('is damaged at byte');
  }
}

describe.each(tampers)('it is found that %s', (_name, tamper, elsewhere) => {
  it('by our verifier, and by the independent one', async () => {
    const held = await sealed();
    const of = copyOf(held.of);
    await tamper(of, held);
    expect(ours(of, held, true)).toBe(false);
    expect(ours(of, held, false)).toBe(elsewhere !== undefined);
    if (!python) return;
    expect(theirs(of, held, true).stands).toBe(false);
    expect(theirs(of, held, false).stands).toBe(elsewhere !== undefined);
  });

  it('also where what is left is compressed', async () => {
    const held = await sealed();
    const of = copyOf(held.of);
    await tamper(of, held);
    await packed(of);
    expect(ours(of, held, true)).toBe(false);
    if (python) expect(theirs(of, held, true).stands).toBe(false);
  });
});
