import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A child process that tells in a first line of JSON what it offers. */
export interface Started<T> {
  readonly child: ChildProcess;
  readonly told: T;
  stop(): Promise<void>;
}

/** Starts a TypeScript file of ours and waits for the line of JSON that `wanted` accepts. Rejects
 * where it ends first. */
export async function start<T>(
  file: string,
  args: readonly string[],
  wanted: (line: Record<string, unknown>) => boolean = () => true,
): Promise<Started<T>> {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const told = JSON.parse(line) as Record<string, unknown>;
    if (!wanted(told)) continue;
    child.stdout.resume();
    return { child, told: told as T, stop };
  }
  throw new Error(`${file} ended before it was ready`);
}

const ticksPerSecond = 100;

/** CPU seconds that a process and its children have used. Linux only: /proc/PID/stat. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => {
    const fields = statFields(member);
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }, 0);
}

/** Resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** The fields after the command's name, which may hold spaces. */
function statFields(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function family(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = all.filter((name) => {
    try {
      return statFields(Number(name))[1] === String(pid);
    } catch {
      return false;
    }
  });
  return [pid, ...children.map(Number)];
}
