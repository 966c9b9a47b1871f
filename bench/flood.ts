/** What a flood of bad credentials costs the honest, beside as many requests for /livez. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startGateway } from './gateway.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import type { NoisePlan } from './noise.ts';
import { cpuSeconds, start } from './process.ts';

const rate = Number(process.env['BENCH_FLOOD'] ?? 5000);
const seconds = Number(process.env['BENCH_SECONDS'] ?? 6);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);

const directory = mkdtempSync(join(tmpdir(), 'vectorgate-flood-'));
const upstream = await start<{ http: number; grpc: number }>('bench/upstream.ts', []);
const gateway = await startGateway(directory, upstream.told);

/** The honest: some hundred searches a second, on a beat. */
async function honest(): Promise<LoadResult> {
  const { http: port, ca, key } = gateway;
  const plan: LoadPlan = {
    ...{ work: 'rest', port, ca, key, concurrency: 16, seconds, warm: 500, rate: 200 },
  };
  const load = spawn(process.execPath, ['bench/load.ts', JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: load.stdout })) {
    const told = JSON.parse(line) as 'warm' | LoadResult;
    if (told !== 'warm') return told;
  }
  throw new Error('the load failed');
}

async function under(
  what: NoisePlan['what'],
): Promise<LoadResult & { cpu: number; heard: number }> {
  const plan: NoisePlan = { what, port: gateway.http, ca: gateway.ca, rate };
  const noise = spawn(process.execPath, ['bench/noise.ts', JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = 0;
  createInterface({ input: noise.stdout }).on('line', (line) => {
    heard = (JSON.parse(line) as { answered: number }).answered;
  });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = cpuSeconds(gateway.pid);
  try {
    const result = await honest();
    const cpu = (cpuSeconds(gateway.pid) - before) / result.seconds;
    return { ...result, cpu, heard };
  } finally {
    noise.kill('SIGKILL');
  }
}

const bytes = () =>
  readdirSync(join(directory, 'audit'))
    .filter((name) => name.includes('.jsonl'))
    .reduce((sum, name) => sum + statSync(join(directory, 'audit', name)).size, 0);

const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const livez = await under('livez');
  const before = bytes();
  const bad = await under('bad-key');
  const grown = (bytes() - before) / 1024;
  ratios.push(bad.p99 / livez.p99);
  const row = (name: string, { p50, p99, cpu, heard }: typeof bad) =>
    `${name}: ${heard}/s heard, honest p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${(cpu * 100).toFixed(0)} % of a core`;
  console.log(row('livez  ', livez));
  console.log(row('bad key', bad), `, ${grown.toFixed(0)} KiB of audit log`);
}
ratios.sort((one, other) => one - other);
console.log(
  `p99 of the honest, bad keys to /livez, median: ${ratios[ratios.length >> 1]?.toFixed(2)}`,
);
await Promise.all([gateway.stop(), upstream.stop()]);
rmSync(directory, { recursive: true });
