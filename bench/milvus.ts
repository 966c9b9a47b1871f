/** What the gateway costs before a Milvus, beside nginx doing less and beside nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cost } from './cost.ts';
import { startGateway } from './gateway.ts';
import type { LoadPlan } from './load.ts';
import { startMilvus } from './milvus-real.ts';
import { startNginx } from './nginx.ts';
import { start } from './process.ts';

interface Work {
  readonly work: LoadPlan['work'];
  readonly title: string;
  readonly warm: number;
  /** On the real Milvus, whose 2.3 has no REST v2. */
  readonly real: boolean;
}

const works: readonly Work[] = [
  { work: 'milvus-insert', title: 'gRPC insert, 1,000 × 768, 3 MB', warm: 300, real: true },
  { work: 'milvus-search', title: 'gRPC search, 768', warm: 20_000, real: true },
  { work: 'milvus-rest-insert', title: 'REST insert, 1,000 × 768, 15 MB', warm: 60, real: false },
  { work: 'milvus-rest-search', title: 'REST search, 768', warm: 20_000, real: false },
];
const seconds = Number(process.env['BENCH_SECONDS'] ?? 6);
const directory = mkdtempSync(join(tmpdir(), 'vectorgate-bench-'));
const real = process.argv.includes('--real');
const python = process.env['VECTORGATE_TEST_MILVUS_PYTHON'];
const upstream = real
  ? await startMilvus(python ?? '', directory)
  : await start<{ http: number; grpc: number }>('bench/milvus-upstream.ts', []);
const gateway = await startGateway(directory, upstream.told, { product: 'milvus' });
const nginx = await startNginx(directory, join(directory, 'certs'), upstream.told);
const direct = { ...upstream.told, pid: process.pid };

/** One load against the gateway, nginx or the database itself. */
async function measured({ work, warm }: Work, target: typeof direct | null, concurrency: number) {
  if (target === null) return null;
  const port = work.includes('rest') ? target.http : target.grpc;
  const ca = target === direct ? null : gateway.ca;
  const warmed = Math.ceil(real ? Math.min(warm, 20) : (warm * concurrency) / 4);
  const plan = { work, port, ca, key: gateway.key, concurrency, seconds, rate: null, warm: warmed };
  return cost(target.pid, plan);
}

const rows: string[] = [];
const latencies: string[] = [];
for (const each of works) {
  if (real && !each.real) continue;
  const targets = [gateway, nginx, direct] as const;
  if (!real) {
    const [ours, theirs] = [await measured(each, gateway, 4), await measured(each, nginx, 4)];
    const ratio = ours && theirs ? (ours.cpu / theirs.cpu).toFixed(1) : '–';
    const [a, b] = [ours, theirs].map((one) => (one ? `${one.cpu.toFixed(0)} µs` : '–'));
    rows.push(`| ${each.title} | ${a} | ${b} | ${ratio} |`);
    console.log(rows.at(-1));
  }
  const times: string[] = [];
  for (const target of targets) {
    const one = await measured(each, target, 1);
    times.push(one ? `${one.p50.toFixed(2)} / ${one.p99.toFixed(2)} ms` : '–');
  }
  latencies.push(`| ${each.title} | ${times.join(' | ')} |`);
  console.log(latencies.at(-1));
}

const what = real ? 'a Milvus 2.3.5' : 'a double of fixed answers';
const costs = `| work, four at once | gateway, CPU a request | nginx, CPU a request | ratio |
|---|---|---|---|
${rows.join('\n')}

`;
const report = `Measured before ${what} with Node ${process.version} on ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${seconds} s a figure.

${real ? '' : costs}| p50 / p99, one at a time | gateway | nginx | direct, in the clear |
|---|---|---|---|
${latencies.join('\n')}
`;
console.log(report);
const mark = real ? 'real milvus' : 'milvus';
const section = new RegExp(`(<!-- ${mark} -->\\n)[\\s\\S]*(<!-- end of ${mark} -->)`);
const readme = readFileSync('bench/README.md', 'utf8');
writeFileSync(
  'bench/README.md',
  readme.replace(section, (_all, from, to) => `${from}${report}${to}`),
);
await Promise.all([gateway.stop(), nginx?.stop(), upstream.stop()]);
rmSync(directory, { recursive: true });
