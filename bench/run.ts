/** What the gateway costs, beside nginx doing less, in the same run on the same work. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cost, cost as costOf } from './cost.ts';
import { startGateway } from './gateway.ts';
import type { LoadPlan } from './load.ts';
import { measureMemory } from './memory.ts';
import { startNginx } from './nginx.ts';
import { start } from './process.ts';

interface Target {
  readonly pid: number;
  readonly http: number;
  readonly grpc: number;
}

const works: { work: LoadPlan['work']; title: string; concurrency: number; mark: string }[] = [
  { work: 'rest', title: 'REST search, kept alive', concurrency: 16, mark: '≤ 4' },
  { work: 'rest-new', title: 'REST search, a connection each', concurrency: 8, mark: '' },
  { work: 'grpc', title: 'gRPC search', concurrency: 16, mark: '≤ 3' },
  { work: 'grpc-gzip', title: 'gRPC search, gzip', concurrency: 16, mark: '' },
];

/** What V8 needs to have seen before its code is as good as it gets. */
const warmRequests = 20_000;
const seconds = Number(process.env['BENCH_SECONDS'] ?? 6);
const directory = mkdtempSync(join(tmpdir(), 'vectorgate-bench-'));
const upstream = await start<{ http: number; grpc: number }>('bench/upstream.ts', []);
const gateway = await startGateway(directory, upstream.told);
const nginx = await startNginx(directory, join(directory, 'certs'), upstream.told);

/** Runs one load against a target; CPU counts from when it is warm. */
function cost(
  target: Target,
  work: LoadPlan['work'],
  concurrency: number,
  rate: number | null = null,
): Promise<Cost> {
  const port = work.startsWith('grpc') ? target.grpc : target.http;
  const { ca, key } = gateway;
  const warm = work === 'rest-new' ? 500 : warmRequests;
  return costOf(target.pid, { work, port, ca, key, concurrency, seconds, warm, rate });
}

const rows: string[] = [];
const latencies: string[] = [];
for (const { work, title, concurrency, mark } of works) {
  const ours = await cost(gateway, work, concurrency);
  const theirs = nginx && (await cost(nginx, work, concurrency));
  const ratio = theirs ? `${(ours.cpu / theirs.cpu).toFixed(1)} ${mark && `(mark ${mark})`}` : '–';
  const each = theirs ? `${theirs.cpu.toFixed(0)} µs` : 'nginx is not installed';
  rows.push(`| ${title} | ${ours.cpu.toFixed(0)} µs | ${each} | ${ratio} |`);
  console.log(rows.at(-1));
  if (work === 'rest-new' || !nginx) continue;
  const rate = ours.requests / ours.seconds / 2;
  const a = await cost(gateway, work, 64, rate);
  const b = await cost(nginx, work, 64, rate);
  latencies.push(
    `| ${title} | ${rate.toFixed(0)}/s | ${a.p50.toFixed(2)} / ${a.p99.toFixed(2)} ms | ${b.p50.toFixed(2)} / ${b.p99.toFixed(2)} ms |`,
  );
  console.log(latencies.at(-1));
}
const memory = await measureMemory(gateway);
const report = `Measured with Node ${process.version} on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${seconds} s a figure.

| work | gateway, CPU a request | nginx, CPU a request | ratio |
|---|---|---|---|
${rows.join('\n')}

| at half of the gateway's highest rate | rate | gateway p50 / p99 | nginx p50 / p99 |
|---|---|---|---|
${latencies.join('\n')}

| memory of the gateway | MB |
|---|---|
| at rest | ${memory.atRest.toFixed(0)} |
| added by 1,000 idle connections | ${memory.idle.toFixed(0)} |
| added during a 2 GB download, at most | ${memory.download.toFixed(0)} |
`;
console.log(report);
const marks = /(<!-- results -->\n)[\s\S]*(<!-- end of results -->)/;
const readme = readFileSync('bench/README.md', 'utf8');
writeFileSync(
  'bench/README.md',
  readme.replace(marks, (_all, from, to) => `${from}${report}${to}`),
);
await Promise.all([gateway.stop(), nginx?.stop(), upstream.stop()]);
rmSync(directory, { recursive: true });
