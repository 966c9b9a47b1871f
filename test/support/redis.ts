import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, freePort, launch, type RedisProcess, storePassword } from './redis-process.ts';

/** A Redis of a test's own, in a process and a folder of its own. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Stops it as an operator does: what it holds is on the disk. */
  stop(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** Stops the process where it stands: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Starts it anew without what it held, which is put aside. */
  startEmpty(): Promise<void>;
  /** Starts it anew with what was put aside. */
  startRestored(): Promise<void>;
  /** Runs commands, one a line, as `redis-cli` would; gives the answers as they came. */
  command(text: string): Promise<string>;
  /** How many scripts it was asked to run so far. */
  scripts(): Promise<number>;
  close(): Promise<void>;
}

/** The server to test with: what VECTORGATE_TEST_REDIS names, or on the PATH; null: none. */
export function redisServer(): string | null {
  const named = process.env['VECTORGATE_TEST_REDIS'];
  try {
    const path =
      named ?? execFileSync('sh', ['-c', 'command -v redis-server'], { encoding: 'utf8' });
    return path.trim() || null;
  } catch {
    return null;
  }
}

/** Starts a server that keeps everything on its disk. */
export async function openRedis(server: string): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-redis-'));
  const held = join(directory, 'appendonlydir');
  const aside = join(directory, 'aside');
  const port = await freePort();
  let process: RedisProcess | null = null;
  const start = async () => {
    const kept = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
    process = await launch(server, port, ['--dir', directory, ...kept]);
  };
  const stop = async () => process?.stop();
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop,
    freeze: () => void process?.signal('SIGSTOP'),
    thaw: () => void process?.signal('SIGCONT'),
    startEmpty: async () => {
      await stop();
      renameSync(held, aside);
      await start();
    },
    startRestored: async () => {
      await stop();
      rmSync(held, { recursive: true });
      renameSync(aside, held);
      await start();
    },
    command: (text) => command(port, text),
    scripts: async () => {
      const told = await command(port, 'INFO commandstats');
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(told)?.[1]);
    },
    close: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The `store:` section of a gateway that shares it. */
export function storeSection(redis: TestRedis, other: Readonly<Record<string, unknown>> = {}) {
  return { kind: 'redis', url: redis.url, password: storePassword, ...other };
}
