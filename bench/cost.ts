import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LoadPlan, LoadResult } from './load.ts';
import { cpuSeconds } from './process.ts';

/** What one run of load cost the process that it went through. */
export interface Cost extends LoadResult {
  /** CPU microseconds a request. */
  readonly cpu: number;
}

/** Runs one load against the process with this id; CPU counts from when it is warm. */
export async function cost(pid: number, plan: LoadPlan): Promise<Cost> {
  const load = spawn(process.execPath, ['bench/load.ts', JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let before = 0;
  for await (const line of createInterface({ input: load.stdout })) {
    const told = JSON.parse(line) as 'warm' | LoadResult;
    if (told === 'warm') before = cpuSeconds(pid);
    else return { ...told, cpu: ((cpuSeconds(pid) - before) / told.requests) * 1e6 };
  }
  throw new Error(`the load of ${plan.work} failed`);
}
