import { readFileSync } from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import type { BenchGateway } from './gateway.ts';
import { residentMb } from './process.ts';

/** Resident memory of the gateway, in MB, at rest and under what should not move it much. */
export interface MemoryResult {
  readonly atRest: number;
  readonly idle: number;
  readonly download: number;
}

const idleConnections = 1000;

/** Opens 1,000 idle connections, then downloads 2 GB; the highest of what was seen counts. */
export async function measureMemory(gateway: BenchGateway): Promise<MemoryResult> {
  const ca = readFileSync(gateway.ca);
  const atRest = residentMb(gateway.pid);
  const sockets = await Promise.all(
    Array.from({ length: idleConnections }, () => idleConnection(gateway.http, ca)),
  );
  const idle = residentMb(gateway.pid);
  for (const socket of sockets) socket.destroy();
  const before = residentMb(gateway.pid);
  const download = (await highestDuring(gateway, ca)) - before;
  return { atRest, idle: idle - atRest, download };
}

function idleConnection(port: number, ca: Buffer): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
  });
}

async function highestDuring(gateway: BenchGateway, ca: Buffer): Promise<number> {
  let highest = 0;
  const watch = setInterval(() => {
    highest = Math.max(highest, residentMb(gateway.pid));
  }, 20);
  await new Promise<void>((resolve, reject) => {
    const options = {
      port: gateway.http,
      ca,
      servername: 'localhost',
      headers: { 'api-key': gateway.key },
    };
    const path = '/collections/bench/snapshots/all.snapshot';
    https
      .get({ host: '127.0.0.1', path, ...options }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`download: ${answer.statusCode}`));
        answer.resume().on('end', resolve).on('error', reject);
      })
      .on('error', reject);
  });
  clearInterval(watch);
  return highest;
}
