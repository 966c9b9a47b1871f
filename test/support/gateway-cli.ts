import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of `vectorgate` as an operator does, in a process of its own. */
export function runCli(...args: string[]): Promise<CliResult> {
  return runCliWith({}, ...args);
}

/** The same with more around it: variables of its environment. */
export async function runCliWith(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<CliResult> {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const around = { ...process.env, ...env };
  const all = ['src/cli/main.ts', ...args];
  const child = spawn(process.execPath, all, { stdio: [...stdio], env: around });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, stdout, stderr };
}
