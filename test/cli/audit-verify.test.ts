import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signNote } from '../../src/audit/checkpoint.ts';
import { verb } from '../../src/cli/audit-verify.ts';
import type { VerbInput } from '../../src/cli/verb.ts';
import { config, directory, segmentFiles } from '../audit/scene.ts';
import { copyOf, fileOf, pair, run, signing } from '../audit/sealed-log.ts';

const key = pair();

async function verified(directories: readonly string[], values: VerbInput['values'] = {}) {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const told = { values, positionals: directories, print, complain: print };
  const code = await verb.run({ ...told, json: false });
  await verb.run({ ...told, json: true });
  return { code, text: printed.slice(0, -1), json: JSON.parse(printed.at(-1) ?? '') };
}

async function sealed(origin = 'gw') {
  const copy = fileOf('');
  const of = signing(key, config(), { copy, origin });
  await run(of, 12);
  return { of, copy };
}

describe('audit verify of a log with checkpoints', () => {
  it('says how far they reach, and whether a key was given', async () => {
    const { of } = await sealed();
    const trusting = await verified([of.directory]);
    expect(trusting.text[0]).toMatch(/checkpoints hold by the keys they name .*, 0 records came/);
    const held = await verified([of.directory], { 'public-key': fileOf(key.publicPem) });
    expect(held.code).toBe(0);
    expect(held.json).toMatchObject({ ok: true, checkpoints: { trusted: true, unsealed: 0 } });
  });

  it('takes the key as a verifier key of signed notes', async () => {
    const { of } = await sealed();
    const bytes = Buffer.concat([Buffer.of(1), Buffer.from(key.public, 'base64')]);
    const vkey = fileOf(`gw/w1+0123abcd+${bytes.toString('base64')}\n`);
    expect((await verified([of.directory], { 'public-key': vkey })).code).toBe(0);
  });

  it('fails where the key is another, or nothing was signed', async () => {
    const { of } = await sealed();
    const other = fileOf(pair().publicPem);
    expect((await verified([of.directory], { 'public-key': other })).text[0]).toContain(
      'which was not in force here',
    );
    const unsigned = config();
    await run(unsigned, 1);
    expect((await verified([unsigned.directory], { 'public-key': other })).text[0]).toContain(
      'no checkpoint is in the log',
    );
  });

  it('names the record where a log and a checkpoint held elsewhere part', async () => {
    const { of, copy } = await sealed();
    expect((await verified([of.directory], { since: [copy] })).code).toBe(0);
    const older = copyOf(of);
    await run({ ...of }, 3);
    expect((await verified([of.directory], { since: [copy] })).code).toBe(0);
    const { code, text } = await verified([older.directory], { since: [copy] });
    expect(code).toBe(1);
    expect(text[0]).toMatch(/the log ends at record \d+, but a checkpoint held elsewhere covers/);
  });

  it('believes no checkpoint held elsewhere that no key of the log signed', async () => {
    const { of, copy } = await sealed();
    const forger = pair();
    const notes = readFileSync(copy, 'utf8')
      .replace(/^— .*$/gm, '')
      .trim()
      .split(/\n{2,}/);
    const text = `${notes.at(-1)?.trim()}\n`;
    const origin = text.split('\n')[0] ?? '';
    const forged = fileOf(`${text}\n— ${origin} ${signNote(text, origin, forger)}\n`);
    const { code, text: told } = await verified([of.directory], { since: [forged] });
    expect(code).toBe(1);
    expect(told[0]).toContain('is signed by no key of the log');
  });

  it('refuses a file that holds no checkpoint', async () => {
    const { of } = await sealed();
    const since = [fileOf('{"no":"note"}\n')];
    await expect(verified([of.directory], { since })).rejects.toThrow('line 1: this is no check');
  });
});

describe('audit verify of a fleet', () => {
  it('verifies each log and names those that are missing', async () => {
    const [one, two] = [await sealed('gw-1'), await sealed('gw-2')];
    const both = { fleet: [one.of.directory, two.of.directory] };
    expect(await verified([], both)).toMatchObject({ code: 0, json: { ok: true, missing: [] } });
    const list = fileOf(`# the fleet\n${one.of.directory} w1 w2\n\n${directory()}/gone\n`);
    const { code, json } = await verified([], { fleet: [list] });
    expect(code).toBe(1);
    expect(json.missing).toEqual([`${one.of.directory}/w2`, expect.stringMatching(/\/gone$/)]);
  });

  it('names a log of which only a checkpoint is left', async () => {
    const [one, two] = [await sealed('gw-1'), await sealed('gw-2')];
    const since = [one.copy, two.copy];
    const { code, text } = await verified([one.of.directory], { since });
    expect(code).toBe(1);
    expect(text[0]).toBe('gw-2/w1: this log is missing');
  });

  it('says in which directory a record is bad', async () => {
    const [one, two] = [await sealed('gw-1'), await sealed('gw-2')];
    const [, path = ''] = segmentFiles(two.of);
    writeFileSync(path, readFileSync(path, 'utf8').replace('rag-service', 'nobody-else'));
    const { json } = await verified([], { fleet: [one.of.directory, two.of.directory] });
    expect(json.firstBad).toMatchObject({ directory: two.of.directory, file: 'w1-2.jsonl' });
  });
});

describe('audit verify and the manifest', () => {
  it('names a segment that is missing, or that nobody listed', async () => {
    const of = config();
    await run(of, 12);
    const strange = copyOf(of);
    const [, second = ''] = segmentFiles(of);
    rmSync(second);
    expect((await verified([of.directory])).text[0]).toContain(
      'w1-2.jsonl, byte 0): the segment is missing',
    );
    const manifest = `${strange.directory}/w1.manifest.json`;
    const listed = readFileSync(manifest, 'utf8').split('\n');
    writeFileSync(manifest, listed.filter((line) => !line.includes('w1-2.')).join('\n'));
    expect((await verified([strange.directory])).text[0]).toContain('lists no such segment');
  });

  it('finds a log that was cut where the manifest knows more', async () => {
    const of = config();
    await run(of, 12);
    const last = segmentFiles(of).at(-1) ?? '';
    const kept = readFileSync(last, 'utf8').split('\n').slice(0, -2);
    writeFileSync(last, kept.map((line) => `${line}\n`).join(''));
    expect((await verified([of.directory])).text[0]).toContain('not what the manifest says');
  });
});
