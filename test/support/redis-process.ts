import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** What the stores of tests ask for. */
export const storePassword = 'password-of-the-test-store';

/** A Redis in a process of its own. */
export interface RedisProcess {
  /** Ends it as an operator does, frozen or not. */
  stop(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Starts a server on a port of loopback; resolves when it answers. */
export async function launch(
  server: string,
  port: number,
  settings: readonly string[],
): Promise<RedisProcess> {
  const [file, others] = [settings.filter(isFile), settings.filter((each) => !isFile(each))];
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', storePassword];
  const child = spawn(server, [...file, ...own, ...others], { stdio: 'ignore' });
  while (!(await command(port, 'PING').catch(() => '')).includes('PONG')) {
    if (child.exitCode !== null) throw new Error(`${server} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
    },
    signal: (name) => void child.kill(name),
  };
}

/** A configuration file stands before all settings. */
function isFile(setting: string): boolean {
  return setting.endsWith('.conf') && setting.startsWith('/');
}

/** Runs commands, one a line, as `redis-cli` would; gives the answers as they came. */
export function command(port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1', () => {
    socket.end(`AUTH ${storePassword}\r\n${text}\r\nQUIT\r\n`);
  });
  let told = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    told += chunk;
  });
  socket.on('error', reject).on('close', () => resolve(told));
  return promise;
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
