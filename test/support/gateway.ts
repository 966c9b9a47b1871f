import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type AuditRecord, readAudit } from './gateway-audit.ts';
import {
  adminToken,
  type Layout,
  type LayoutOptions,
  layOut,
  scrapeToken,
} from './gateway-folder.ts';

/** What became of a gateway that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A gateway in a process of its own, as an operator runs it. */
export interface TestGateway extends Layout {
  /** `https://localhost:PORT` of the first upstream, or of the one that is named. */
  readonly http: (upstream?: string) => string;
  readonly grpc: (upstream?: string) => string;
  readonly pid: number;
  /** Asks the admin port, as an operator would. */
  admin(
    path: string,
    method?: 'GET' | 'POST',
    body?: unknown,
  ): Promise<{ status: number; body: unknown }>;
  /** `127.0.0.1:PORT` of the admin port. */
  readonly adminAddress: string;
  /** Asks the health port; `/metrics` with its token. */
  health(path: string): Promise<{ status: number; body: string }>;
  /** Every record so far, in the order they were written. */
  audit(): readonly AuditRecord[];
  /** All that the process has written: its log, and whatever it should not have. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Resolves once the process is no more. */
  readonly ended: Promise<Ended>;
  /** Stops it as a supervisor does, and takes its folder away. */
  stop(): Promise<Ended>;
}

interface Ready {
  readonly upstreams: readonly {
    readonly name: string;
    readonly http: string;
    readonly grpc: string;
  }[];
  readonly admin: string;
  readonly health: string;
}

/** Starts a gateway and waits until it says that it serves. Rejects with what it said instead. `ago`:
 * by how many milliseconds longer ago it starts by its own clock. */
export async function startGateway(options: LayoutOptions, ago = 0): Promise<TestGateway> {
  const layout = await layOut(options);
  const { directory } = layout;
  const child = spawnLeashed(['serve', '--config', layout.config, '--log-level', 'debug'], {
    VECTORGATE_TEST_FOLDER: directory,
    VECTORGATE_TEST_BEHIND: String(ago),
  });
  const written: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => written.push(text));
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code: code as number | null, signal: signal as null }),
  );
  const clear = () => rmSync(directory, { recursive: true, force: true });
  ended.then(({ code }) => code !== 0 && clear());
  const ready = await readiness(child, written, ended);
  if (ago > 0) writeFileSync(join(directory, 'started'), '');
  const stop = async () => {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const how = await ended;
    clearTimeout(patience);
    clear();
    return how;
  };
  return { ...layout, ...handlesOf(child, ready, written, layout), ended, stop };
}

/** A process of ours that reads nothing. */
export type Leashed = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts a command of `vectorgate` that ends with this process at the latest. */
export function spawnLeashed(args: readonly string[], env: NodeJS.ProcessEnv): Leashed {
  const all = ['--import', './test/support/gateway-leash.ts', 'src/cli/main.ts', ...args];
  return spawn(process.execPath, all, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function readiness(child: Leashed, written: string[], ended: Promise<Ended>): Promise<Ready> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      written.push(`${line}\n`);
      if (line.includes('"msg":"ready"')) resolve(JSON.parse(line) as Ready);
    });
    ended.then(({ code }) => reject(new Error(`ended with ${code}: ${written.join('')}`)));
  });
}

function handlesOf(
  child: Leashed,
  ready: Ready,
  written: readonly string[],
  { auditDirectory }: Layout,
) {
  const own = (name?: string) =>
    name === undefined ? ready.upstreams[0] : ready.upstreams.find((each) => each.name === name);
  return {
    http: (name?: string) => urlOf(own(name)?.http),
    grpc: (name?: string) => urlOf(own(name)?.grpc),
    pid: child.pid as number,
    admin: async (path: string, method = 'GET', body?: unknown) => {
      const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
      const sent = body === undefined ? null : JSON.stringify(body);
      const answer = await fetch(`http://${ready.admin}${path}`, { method, headers, body: sent });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json');
      return { status: answer.status, body: isJson ? (JSON.parse(text) as unknown) : text };
    },
    adminAddress: ready.admin,
    health: async (path: string) => {
      const headers = { authorization: `Bearer ${scrapeToken}` };
      const answer = await fetch(`http://${ready.health}${path}`, { headers });
      return { status: answer.status, body: await answer.text() };
    },
    audit: () => readAudit(auditDirectory),
    output: () => written.join(''),
    signal: (name: NodeJS.Signals) => void child.kill(name),
  };
}

function urlOf(address = ''): string {
  return `https://localhost:${address.slice(address.lastIndexOf(':') + 1)}`;
}
