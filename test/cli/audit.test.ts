import { spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import { verb as tail } from '../../src/cli/audit-tail.ts';
import { verb as verify } from '../../src/cli/audit-verify.ts';
import type { Verb, VerbInput } from '../../src/cli/verb.ts';
import { Refusal } from '../../src/refusal.ts';
import {
  changing,
  config,
  digest,
  exchange,
  identity,
  type Line,
  needs,
  opened,
  outcome,
  permit,
  reading,
  segmentFiles,
} from '../audit/scene.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

async function run(verb: Verb, of: AuditConfig, values: VerbInput['values'] = {}, json = false) {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  const input = { values, positionals: [of.directory], json, print, complain: print };
  return { code: await verb.run(input), printed };
}

const shownOnce = (of: AuditConfig, values: VerbInput['values'] = {}, json = false) =>
  run(tail, of, { once: true, ...values }, json);

/** A log with two callers, a denial and an intent under way. */
async function told(): Promise<AuditConfig> {
  const of = config();
  const audit = (await opened(of)).forUpstream('main', digest);
  const other = identity({ id: 'other', name: 'indexer' });
  const upsert = permit(changing, other, needs(changing, 'docs'));
  (await audit.begin(exchange({ id: 'q1' }), permit(reading))).end(outcome);
  await (await audit.begin(exchange({ id: 'u1' }), upsert)).end(outcome);
  audit.deny({
    exchange: exchange({ id: 'd1' }),
    refusal: new Refusal('not-permitted', 'no rule allows it'),
    identity: other,
    operation: reading,
    needs: needs(reading, '\u001b[31mred'),
  });
  await audit.begin(exchange({ id: 'q2' }), permit(reading));
  return of;
}

describe('audit verify', () => {
  it('exits 0 with one document where every record stands', async () => {
    const of = config();
    await (await openAudit(of)).close();
    const { code, printed } = await run(verify, of, {}, true);
    expect(code).toBe(0);
    expect(printed.map((line) => JSON.parse(line))).toEqual([
      { ok: true, records: 2, segments: 1, firstBad: null },
    ]);
  });

  it('exits 1 and names record, file and byte of the first that does not', async () => {
    const of = await told();
    const [path = ''] = segmentFiles(of);
    writeFileSync(path, readFileSync(path, 'utf8').replace('indexer', 'Indexer'));
    const { code, printed } = await run(verify, of);
    expect(code).toBe(1);
    expect(printed[0]).toMatch(/record 4 is bad \(w1-1\.jsonl, byte \d+\): record 5 was chained/);
  });

  it('tells of a directory that is not there', async () => {
    await expect(run(verify, config({ directory: '/nowhere/at/all' }))).rejects.toThrow(
      'there is no audit log in /nowhere/at/all',
    );
  });
});

describe('audit tail', () => {
  it('tells each exchange in one line, with who, what and how it ended', async () => {
    const { printed } = await shownOnce(await told());
    const lines = printed.map((line) => line.slice(line.indexOf('Z ') + 2));
    expect(lines).toEqual([
      expect.stringMatching(/^start {2}event=gateway\.start/),
      'allow  rag-service 10.0.0.7 main points.query products 0 1.9 ms 10 points out',
      'allow  indexer 10.0.0.7 main points.upsert docs 0 1.9 ms 10 points out',
      'deny   indexer 10.0.0.7 main points.query "\\u001b[31mred" not-permitted: no rule allows it',
      'open   rag-service 10.0.0.7 main points.query products',
    ]);
  });

  it.each([
    [{ principal: 'indexer' }, ['u1', 'u1', 'd1']],
    [{ principal: 'k7Q2' }, ['q1', 'q1', 'q2']],
    [{ collection: 'docs' }, ['u1', 'u1']],
    [{ event: 'data.upsert' }, ['u1', 'u1']],
    [{ event: 'data.*', decision: 'deny' }, ['d1']],
    [{ decision: 'allow' }, ['q1', 'u1', 'u1', 'q1', 'q2']],
    [{ principal: 'nobody' }, []],
    [{ principal: 'k7Q2', lines: '1' }, ['q2']],
  ])('finds by %o', async (values, requests) => {
    const { printed } = await shownOnce(await told(), values, true);
    const found = printed.map((line) => (JSON.parse(line) as { request: string }).request);
    expect(found.toSorted()).toEqual(requests.toSorted());
  });

  it('goes on with each record as it is written, over segments, until nobody listens', async () => {
    const of = config();
    const log = await opened(of, { segmentBytes: 1500 });
    const audit = log.forUpstream('main', digest);
    const child = spawn(process.execPath, [main, 'audit', 'tail', of.directory, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const heard = on(createInterface({ input: child.stdout }), 'line');
    const next = async () => JSON.parse(String((await heard.next()).value?.[0])) as Line;
    expect(await next()).toMatchObject({ kind: 'start' });
    for (let n = 0; n < 12; n++) {
      const trail = await audit.begin(exchange({ id: `live-${n}` }), permit(reading));
      await trail.end(outcome);
      expect(await next()).toMatchObject({ kind: 'intent', request: `live-${n}` });
      expect(await next()).toMatchObject({ kind: 'outcome', request: `live-${n}` });
    }
    expect(segmentFiles(of).length).toBeGreaterThan(2);
    child.stdout.destroy();
    await audit.begin(exchange(), permit(reading));
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('paints what was denied red, what passed green and what is open yellow, where that is asked for', async () => {
    const of = await told();
    const { stdout } = spawnSync(
      process.execPath,
      [main, 'audit', 'tail', of.directory, '--once'],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          NO_COLOR: undefined,
          NODE_DISABLE_COLORS: undefined,
          FORCE_COLOR: '1',
        },
      },
    );
    const esc = String.fromCharCode(27);
    const painted = stdout.split('\n').flatMap((line) => line.split(esc)[1]?.split(' ')[0] ?? []);
    expect(painted).toEqual(['[36mstart', '[32mallow', '[32mallow', '[31mdeny', '[33mopen']);
  });

  it('says where to look when a line is no record, and goes on', async () => {
    const of = await told();
    const [path = ''] = segmentFiles(of);
    writeFileSync(path, `no record\n${readFileSync(path, 'utf8')}`);
    const { printed } = await shownOnce(of);
    expect(printed[0]).toContain('audit verify');
    expect(printed).toHaveLength(6);
  });
});
