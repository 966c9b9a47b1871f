import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { vi } from 'vitest';
import type { Behind } from '../gateway-folder.ts';
import { callOnce } from './call.ts';
import type { MilvusPython } from './python.ts';

/** A real Milvus in a process of its own. */
export interface RealMilvus extends Behind {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  close(): Promise<void>;
}

/** What the gateway, and nobody else, presents to the real server. */
const root = 'root:Milvus';
const patience = 120_000;

/** Starts `milvus` 2.3.5 with authorisation. It binds fixed ports beside its own (2379, 9091, 19529,
 * 13333, 53100), so that there can be one at a time. */
export function startMilvus({ server }: MilvusPython): Promise<RealMilvus> {
  return start(root, (data, port) => [
    ...[server, '--data', data, '--proxy-port', String(port)],
    ...['--authorization-enabled', 'true'],
  ]);
}

/** Starts `milvus-lite` 3, which knows no users. */
export function startLite({ lite }: MilvusPython): Promise<RealMilvus> {
  return start(null, (data, port) => [
    ...[lite, 'server', '--data-dir', data, '--host', '127.0.0.1', '--port', String(port)],
  ]);
}

async function start(
  credential: string | null,
  command: (data: string, port: number) => readonly string[],
): Promise<RealMilvus> {
  const data = mkdtempSync(join(tmpdir(), 'vectorgate-milvus-'));
  const port = await freePort();
  const [program = '', ...args] = command(data, port);
  // It starts processes of its own: all of them are one group, and end together.
  const child = spawn(program, args, { detached: true, stdio: 'ignore' });
  const end = () => {
    if (child.exitCode === null && child.pid) process.kill(-child.pid, 'SIGKILL');
  };
  process.on('exit', end);
  const address = `127.0.0.1:${port}`;
  const close = async () => {
    process.off('exit', end);
    const ended = once(child, 'close');
    end();
    if (child.exitCode === null && child.signalCode === null) await ended;
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await vi.waitFor(() => answers(address, credential), { timeout: patience, interval: 250 });
  } catch (error) {
    await close();
    throw error;
  }
  return { product: 'milvus', http: '', grpc: `http://${address}`, credential, address, close };
}

/** Whether it serves: its collections can be listed. */
async function answers(address: string, credential: string | null): Promise<void> {
  const shown = credential === null ? [] : [basic(credential)];
  const { status } = await callOnce(address, credentials.createInsecure(), {
    method: 'ShowCollections',
    metadata: shown,
  });
  if (status !== 0) throw new Error(`not yet: ${status}`);
}

function basic(credential: string): readonly [string, string] {
  return ['authorization', Buffer.from(credential).toString('base64')];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
