/** What the audit log costs: the numbers that are promised of it, on this machine. */
import fs from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openAudit } from '../src/audit/audit.ts';
import { compressSegment } from '../src/audit/compress.ts';
import { segmentsIn } from '../src/audit/segment.ts';
import { verify } from '../src/audit/verify.ts';
import { configured, type Loaded, load } from './audit-load.ts';

const scratch = fs.mkdtempSync(
  join(process.env['BENCH_DIRECTORY'] ?? tmpdir(), 'vectorgate-audit-'),
);
const rows: string[] = [];
const only = process.argv[2] ?? '';

function tell(what: string, mark: string, found: string): void {
  rows.push(`| ${what} | ${mark} | ${found} |`);
  console.log(rows.at(-1));
}

/** Milliseconds that this disk takes for `fdatasync` after 4 KiB more: the median of 300. */
async function syncTime(): Promise<number> {
  const datasync = promisify(fs.fdatasync);
  const file = fs.openSync(join(scratch, 'probe'), 'a');
  const page = Buffer.alloc(4096, 65);
  const taken: number[] = [];
  for (let n = 0; n < 300; n++) {
    fs.writeSync(file, page);
    const from = performance.now();
    await datasync(file);
    taken.push(performance.now() - from);
  }
  fs.closeSync(file);
  return taken.sort((a, b) => a - b)[150] ?? 0;
}

/** CPU of a pair where nothing need be on the disk; what the motions take by themselves is left
 * out. */
async function written(): Promise<void> {
  const config = configured(join(scratch, 'written'), 'written');
  const log = await openAudit(config);
  const plan = { pairs: 200_000, clients: 16 };
  await load(log, plan);
  await load(null, plan);
  const [costs, motions] = [await load(log, plan), await load(null, plan)];
  const { records } = log.status;
  await log.close();
  const bytes = segmentsIn(config.directory).reduce((sum, segment) => sum + segment.bytes, 0);
  tell('`written`: CPU a pair', '≤ 8 µs', `${(costs.cpu - motions.cpu).toFixed(1)} µs`);
  tell('bytes a pair', '', ((bytes / records) * 2).toFixed(0));
}

/** Pairs a second, and what they wait, where everything must be on the disk. */
async function synced(): Promise<void> {
  const disk = await syncTime();
  tell('`fdatasync` of this disk, p50', '', `${disk.toFixed(2)} ms`);
  const log = await openAudit(configured(join(scratch, 'synced'), 'synced'));
  await load(log, { pairs: 20_000, clients: 64 });
  const most = await load(log, { pairs: 60_000, clients: 64 });
  const few = await load(log, { pairs: 5_000, clients: 8 });
  const { groupSize } = log.status;
  await log.close();
  const rate = most.pairs / most.seconds;
  tell('`synced`: pairs a second, 64 at once', '≥ 5,000', rate.toFixed(0));
  tell('`synced`: p50 of a pair, 64 at once', '', `${half(most).toFixed(2)} ms`);
  tell('`synced`: p50 of a pair, 8 at once', '≤ 1.5 ms', `${half(few).toFixed(2)} ms`);
  tell('records in the last group', '', String(groupSize));
}

function half({ latencies }: Loaded): number {
  return latencies[latencies.length >> 1] ?? 0;
}

/** A start on a GiB that a run left without an end, and what a reading of all of it takes. */
async function started(): Promise<void> {
  const config = configured(join(scratch, 'big'), 'written');
  const log = await openAudit(config);
  while (bytesOf(config.directory) < 1024 ** 3) {
    await load(log, { pairs: 100_000, clients: 64 });
  }
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const dead = join(scratch, 'dead');
  fs.cpSync(config.directory, dead, { recursive: true });
  await log.close();
  const from = performance.now();
  const next = await openAudit({ ...config, directory: dead });
  const seconds = (performance.now() - from) / 1000;
  tell('start on 1 GiB of log', '≤ 3 s', `${seconds.toFixed(2)} s`);
  await next.close();
  reading(dead, 'verify, plain');
  const plain = bytesOf(dead);
  await packed(dead);
  const pairs = verify(dead).records / 2;
  reading(dead, 'verify, compressed');
  const day = (size: number) => `${((size / pairs) * 2000 * 86_400 * 1e-9).toFixed(0)} GB`;
  tell('a day of 2,000 requests a second', '', `${day(plain)}, compressed ${day(diskOf(dead))}`);
}

function reading(directory: string, what: string): void {
  const from = performance.now();
  const { ok } = verify(directory);
  const rate = bytesOf(directory) / 1e6 / ((performance.now() - from) / 1000);
  tell(what, '≥ 100 MB/s', ok ? `${rate.toFixed(0)} MB/s` : 'DAMAGED');
}

async function packed(directory: string): Promise<void> {
  for (const { path } of segmentsIn(directory)) {
    await compressSegment(path, new AbortController().signal);
  }
}

function bytesOf(directory: string): number {
  return segmentsIn(directory).reduce((sum, { bytes }) => sum + bytes, 0);
}

function diskOf(directory: string): number {
  return segmentsIn(directory).reduce((sum, { path }) => sum + fs.statSync(path).size, 0);
}

for (const part of [written, synced, started]) if (part.name.startsWith(only)) await part();
fs.rmSync(scratch, { recursive: true });
const report = `Measured with Node ${process.version} on ${cpus().length} cores (${cpus()[0]?.model.trim()}).

| what | mark | measured |
|---|---|---|
${rows.join('\n')}
`;
if (only === '') {
  const marks = /(<!-- audit -->\n)[\s\S]*(<!-- end of audit -->)/;
  const readme = fs.readFileSync('bench/README.md', 'utf8');
  const replaced = readme.replace(marks, (_all, from, to) => `${from}${report}${to}`);
  fs.writeFileSync('bench/README.md', replaced);
}
