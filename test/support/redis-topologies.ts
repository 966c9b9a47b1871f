import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDevCertificates, writeDevCertificates } from '../../src/tls/dev-certificates.ts';
import { command, freePort, launch, type RedisProcess, storePassword } from './redis-process.ts';

/** Servers that are a store together. */
export interface Topology {
  /** The `store:` section of a gateway that shares it. */
  readonly section: Readonly<Record<string, unknown>>;
  /** Ends the primary, where another can take its place. */
  endPrimary(): Promise<void>;
  close(): Promise<void>;
}

const base = { kind: 'redis', password: storePassword };

/** One server behind TLS. Its plain port is the test's own. */
export function openTls(server: string): Promise<Topology> {
  return opened(async (directory, processes) => {
    const made = writeDevCertificates(join(directory, 'tls'), makeDevCertificates(), false);
    const [plain, port] = [await freePort(), await freePort()];
    const files = ['--tls-cert-file', made.server, '--tls-key-file', made.serverKey];
    const tls = ['--tls-port', String(port), ...files, '--tls-ca-cert-file', made.ca];
    const settings = [...tls, '--tls-auth-clients', 'no', '--dir', directory];
    processes.push(await launch(server, plain, settings));
    return { ...base, url: `rediss://localhost:${port}`, ca: made.ca };
  });
}

/** A primary, a replica and one sentinel, which takes half a second without an answer for an end. */
export function openSentinel(server: string): Promise<Topology> {
  return opened(async (directory, processes) => {
    const [primary, replica, sentinel] = [await freePort(), await freePort(), await freePort()];
    const kept = ['--masterauth', storePassword, '--repl-diskless-sync-delay', '0'];
    processes.push(await launch(server, primary, [...kept, '--dir', directory, '--save', '']));
    const follows = ['--replicaof', `127.0.0.1 ${primary}`, '--dbfilename', 'replica.rdb'];
    processes.push(
      await launch(server, replica, [...kept, ...follows, '--dir', directory, '--save', '']),
    );
    while (!(await command(replica, 'INFO replication')).includes('master_link_status:up')) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const file = join(directory, 'sentinel.conf');
    writeFileSync(
      file,
      `sentinel monitor main 127.0.0.1 ${primary} 1
sentinel auth-pass main ${storePassword}
sentinel down-after-milliseconds main 500
sentinel failover-timeout main 2000
`,
    );
    processes.push(await launch(server, sentinel, [file, '--sentinel', '--dir', directory]));
    const watched = { urls: [`redis://127.0.0.1:${sentinel}`], sentinel: 'main' };
    return { ...base, ...watched, sentinelPassword: storePassword };
  });
}

/** Three primaries that share the slots. */
export function openCluster(server: string): Promise<Topology> {
  return opened(async (directory, processes) => {
    const slots = ['0 5460', '5461 10922', '10923 16383'];
    const ports: number[] = [];
    for (const range of slots) {
      const [port, bus] = [await freePort(), await freePort()];
      const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(bus)];
      const file = ['--cluster-config-file', `nodes-${port}`, '--dir', directory, '--save', ''];
      processes.push(await launch(server, port, [...cluster, ...file]));
      await command(port, `CLUSTER ADDSLOTSRANGE ${range}`);
      const [first] = ports;
      if (first !== undefined) await command(first, `CLUSTER MEET 127.0.0.1 ${port} ${bus}`);
      ports.push(port);
    }
    for (const port of ports) {
      while (!/state:ok[\s\S]*known_nodes:3/.test(await command(port, 'CLUSTER INFO'))) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    return { ...base, urls: ports.map((port) => `redis://127.0.0.1:${port}`), cluster: true };
  });
}

async function opened(
  start: (directory: string, processes: RedisProcess[]) => Promise<Topology['section']>,
): Promise<Topology> {
  const directory = mkdtempSync(join(tmpdir(), 'vectorgate-redis-'));
  const processes: RedisProcess[] = [];
  const close = async () => {
    await Promise.all(processes.map((each) => each.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const section = await start(directory, processes);
    return { section, endPrimary: async () => processes[0]?.stop(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
