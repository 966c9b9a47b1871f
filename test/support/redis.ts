import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  /** Runs commands, one a line, as `redis-cli` would; gives the answers as they came. */
  command(text: string): Promise<string>;
  /** How many scripts it was asked to run so far. */
  scripts(): Promise<number>;
  close(): Promise<void>;
}

const password = 'password-of-the-test-store';

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
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async () => {
    const settings = `--port ${port} --bind 127.0.0.1 --requirepass ${password} --dir ${directory}`;
    const kept = '--appendonly yes --appendfsync everysec --save "" --daemonize no';
    child = spawn(server, `${settings} ${kept}`.split(' '), { stdio: 'ignore' });
    while (!(await command(port, 'PING').catch(() => '')).includes('PONG')) {
      if (child.exitCode !== null) throw new Error(`${server} ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const stop = async () => {
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    await ended;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
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
  return { kind: 'redis', url: redis.url, password, ...other };
}

function command(port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => {
    socket.end(`AUTH ${password}\r\n${text}\r\nQUIT\r\n`);
  });
  let told = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    told += chunk;
  });
  socket.on('error', reject).on('close', () => resolve(told));
  return promise;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
