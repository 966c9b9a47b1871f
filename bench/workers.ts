/** What a request costs with two workers, beside what it costs with one, by turns: at the same rate
 * in all, and at the same rate for each worker. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BenchGateway, startGateway } from './gateway.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import { cpuSeconds, start } from './process.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 6);
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Requests a second of the one worker. */
const base = Number(process.env['BENCH_RATE'] ?? 400);
/** Each worker is to have read its code as often as the one. */
const warm = 20_000;

const upstream = await start<{ http: number; grpc: number }>('bench/upstream.ts', []);
const folder = () => mkdtempSync(join(tmpdir(), 'vectorgate-workers-'));
const folders = [folder(), folder()];
const gateways: BenchGateway[] = [];
for (const [index, directory] of folders.entries()) {
  gateways.push(await startGateway(directory, upstream.told, { workers: index + 1 }));
}

/** CPU microseconds a request, of all processes of the gateway. */
async function cost(gateway: BenchGateway, rate: number, warmed: number): Promise<number> {
  const { http: port, ca, key } = gateway;
  const plan: LoadPlan = {
    ...{ work: 'rest', port, ca, key, concurrency: 16, seconds, warm: warmed, rate },
  };
  const load = spawn(process.execPath, ['bench/load.ts', JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let before = 0;
  for await (const line of createInterface({ input: load.stdout })) {
    const told = JSON.parse(line) as 'warm' | LoadResult;
    if (told === 'warm') before = cpuSeconds(gateway.pid);
    else return ((cpuSeconds(gateway.pid) - before) / told.requests) * 1e6;
  }
  throw new Error('the load failed');
}

const runs = [
  { name: 'one worker', index: 0, rate: base, costs: [] as number[] },
  { name: 'two, the same rate in all', index: 1, rate: base, costs: [] as number[] },
  { name: 'two, the same rate for each', index: 1, rate: 2 * base, costs: [] as number[] },
];
const warmed = new Set<BenchGateway>();
for (let round = 0; round < rounds; round++) {
  for (const { name, index, rate, costs } of runs) {
    const gateway = gateways[index];
    if (!gateway) throw new TypeError('no such gateway');
    const each = await cost(gateway, rate, warmed.has(gateway) ? 500 : warm * (index + 1));
    warmed.add(gateway);
    costs.push(each);
    console.log(`${name}, ${rate} a second: ${each.toFixed(0)} µs a request`);
  }
}
const [one, ...others] = runs.map(({ name, costs }) => ({ name, cost: median(costs) }));
for (const { name, cost: two } of others) {
  console.log(`${name}, medians: ${(two / (one?.cost ?? 1)).toFixed(2)} (mark ≤ 1.1)`);
}
for (const gateway of gateways) await gateway.stop();
await upstream.stop();
for (const directory of folders) rmSync(directory, { recursive: true, force: true, maxRetries: 9 });

function median(all: readonly number[]): number {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.floor(index)] ?? 0;
  return (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2;
}
