import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressSegment } from '../../src/audit/compress.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { pagesOf } from '../../src/audit/past.ts';
import { verb } from '../../src/cli/audit-export.ts';
import type { VerbInput } from '../../src/cli/verb.ts';
import { fallibleFiles } from '../audit/fallible-files.ts';
import {
  changing,
  config,
  digest,
  exchange,
  identity,
  needs,
  opened,
  outcome,
  permit,
  reading,
  seconds,
  segmentFiles,
} from '../audit/scene.ts';

async function exported(of: AuditConfig, values: VerbInput['values'] = {}) {
  const out: string[] = [];
  const told: string[] = [];
  const code = await verb.run({
    values,
    positionals: [of.directory],
    json: false,
    print: (line) => out.push(line),
    complain: (line) => told.push(line),
  });
  return { code, out, told };
}

/** One exchange an hour, from noon on. */
async function day(names: readonly string[]): Promise<AuditConfig> {
  const of = config();
  let hours = 0;
  const clock = {
    wall: () => Date.parse('2026-11-22T12:00:00Z') + hours * 3_600_000,
    monotonic: () => hours * 3_600_000,
  };
  const log = await opened(of, { clock });
  const audit = log.forUpstream('main', digest);
  for (const name of names) {
    hours++;
    const who = identity({ id: name, name });
    const asked = permit(reading, who, needs(reading, 'docs'));
    await (await audit.begin(exchange({ id: `r-${hours}` }), asked)).end(outcome);
  }
  await log.close();
  return of;
}

const requests = (out: readonly string[]) =>
  out.flatMap((line) => (JSON.parse(line) as { request?: string }).request ?? []);

describe('audit export', () => {
  it('writes every record as it stands', async () => {
    const of = await day(['a', 'b']);
    const { code, out } = await exported(of);
    expect(code).toBe(0);
    expect(`${out.join('\n')}\n`).toBe(readFileSync(segmentFiles(of)[0] ?? '', 'utf8'));
  });

  it('writes those of a time, its beginning included and its end not', async () => {
    const of = await day(['a', 'b', 'c']);
    const from = '2026-11-22T14:00:00Z';
    const to = '2026-11-22T15:00:00Z';
    expect(requests((await exported(of, { from, to })).out)).toEqual(['r-2', 'r-2']);
    expect(requests((await exported(of, { to: from })).out)).toEqual(['r-1', 'r-1']);
    expect(requests((await exported(of, { from: to })).out)).toEqual(['r-3', 'r-3']);
  });

  it('finds what follows an intent with it', async () => {
    const of = await day(['a', 'b', 'a']);
    const { out } = await exported(of, { principal: 'a' });
    expect(requests(out)).toEqual(['r-1', 'r-1', 'r-3', 'r-3']);
  });

  it('reads compressed segments', async () => {
    const of = await day(['a', 'b']);
    const { out } = await exported(of);
    const [path = ''] = segmentFiles(of);
    await compressSegment(path, new AbortController().signal);
    expect(gunzipSync(readFileSync(`${path}.gz`)).length).toBeGreaterThan(0);
    expect((await exported(of)).out).toEqual(out);
  });

  it('makes a table whose cells no spreadsheet runs', async () => {
    const of = await day(['=cmd()', 'a "b", c']);
    const { out } = await exported(of, { format: 'csv' });
    const rows = out.filter((line) => line.includes(',outcome,'));
    expect(out[0]).toMatch(/^time,writer,seq,kind,event,request,/);
    expect(rows[0]).toContain(
      ",'=cmd(),'=cmd(),search,10.0.0.7,grpc,main,points.query,docs,allow,",
    );
    expect(rows[1]).toContain('"a ""b"", c"');
    expect(rows[0]?.split(',')).toHaveLength(out[0]?.split(',').length ?? 0);
  });

  it('makes a table in which no name steers a terminal, or hides', async () => {
    const of = await day([
      '\u001b[2Ja\r\n\u202eb',
      '\t=1',
      '\ud800',
      '＝1',
      '+1',
      '@a',
      '-1',
      'käse',
    ]);
    const { out } = await exported(of, { format: 'csv' });
    const names = out
      .filter((line) => line.includes(',outcome,'))
      .map((line) => line.split(',')[9]);
    expect(names).toEqual([
      '\\u001b[2Ja\\u000d\\u000a\\u202eb',
      '\\u0009=1',
      '\\ud800',
      "'＝1",
      "'+1",
      "'@a",
      "'-1",
      'käse',
    ]);
  });

  it('writes whatever names a record holds as it stands', async () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit }), { minLength: 1, maxLength: 8 }),
        async (names) => {
          const of = await day(names);
          const { out } = await exported(of);
          expect(`${out.join('\n')}\n`).toBe(readFileSync(segmentFiles(of)[0] ?? '', 'latin1'));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('finds what a run wrote before the clock was set back', async () => {
    const of = config();
    let time = Date.parse('2026-11-22T12:00:00Z');
    const clock = { wall: () => time, monotonic: () => 0 };
    for (const id of ['before', 'after']) {
      const log = await opened(of, { clock });
      const audit = log.forUpstream('main', digest);
      await (await audit.begin(exchange({ id }), permit(reading))).end(outcome);
      await log.close();
      time = Date.parse('2025-11-22T12:00:00Z');
    }
    const from = '2026-11-22T12:00:00Z';
    expect(requests((await exported(of, { from })).out)).toEqual(['before', 'before']);
    expect(requests((await exported(of, { to: from })).out)).toEqual(['after', 'after']);
  });

  it('finds what a failure held up, behind the record of it', async () => {
    const of = config();
    let time = Date.parse('2026-11-22T12:00:00Z');
    const clock = { wall: () => time, monotonic: () => 0 };
    const files = fallibleFiles();
    const second = seconds();
    const log = await opened(of, { clock, files, ...second });
    const audit = log.forUpstream('main', digest);
    const trail = await audit.begin(exchange({ id: 'held' }), permit(changing));
    files.fail('write', 'EIO');
    await Promise.resolve(trail.end(outcome)).catch(() => {});
    files.mend();
    time = Date.parse('2026-11-22T14:00:00Z');
    await expect
      .poll(() => {
        second.pass();
        return log.status.ready;
      })
      .toBe(true);
    await log.close();
    const to = '2026-11-22T13:00:00Z';
    expect(requests((await exported(of, { to })).out)).toEqual(['held', 'held']);
  });

  it('passes over what is deleted while it is read', async () => {
    const of = await day(['a']);
    const [path = ''] = segmentFiles(of);
    const text = readFileSync(path);
    for (const number of [2, 3]) writeFileSync(path.replace('w1-1', `w1-${number}`), text);
    const pages = pagesOf(of.directory, { from: null, to: null });
    pages.next();
    rmSync(path.replace('w1-1', 'w1-2'));
    const rest = [...pages];
    expect(rest.flat()).toHaveLength(4);
  });

  it('tells of lines that are no records', async () => {
    const of = await day(['a']);
    const [path = ''] = segmentFiles(of);
    writeFileSync(`${path}.new`, `${readFileSync(path, 'utf8')}torn\n`);
    renameSync(`${path}.new`, path);
    const { out, told } = await exported(of);
    expect(out).toHaveLength(4);
    expect(told).toEqual(['1 lines are no records; vectorgate audit verify tells more']);
  });

  it.each([
    [{ from: 'yesterday' }, '--from yesterday is no time'],
    [{ format: 'xml' }, '--format xml is unknown'],
  ])('refuses %o', async (values, message) => {
    await expect(exported(await day([]), values)).rejects.toThrow(message);
  });
});
