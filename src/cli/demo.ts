import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { pino } from 'pino';
import { loadConfig } from '../config/load.ts';
import { demoNotice, startDemoDatabase } from '../demo/database.ts';
import { type Gateway, startGateway } from '../gateway/gateway.ts';
import { prepare } from '../gateway/prepare.ts';
import { demoLines, seedDemo } from './demo-data.ts';
import { type DemoSetup, setUpDemo } from './demo-setup.ts';
import type { Verb } from './verb.ts';
import { ownVersion } from './version.ts';

const usualPorts = { http: 6333, grpc: 6334 };

/** `vectorgate demo`: a gateway before an embedded database, to try both out. */
export const verb: Verb = {
  name: 'demo',
  summary: 'Try the gateway with an embedded database, development certificates and keys',
  usage: 'demo [--json]',
  options: {},
  run: async ({ json, print, complain }) => {
    const credential = randomBytes(24).toString('hex');
    const database = await startDemoDatabase({ apiKey: credential });
    await seedDemo(database.http, credential);
    const listen = (await areFree(usualPorts)) ? usualPorts : { http: 0, grpc: 0 };
    const setup = await setUpDemo({ database, credential, listen });
    const stopping = Promise.withResolvers<void>();
    const drain = () => stopping.resolve();
    const log = pino({ level: json ? 'info' : 'warn' }, pino.destination(2));
    const prepared = prepare(loadConfig(setup.config));
    const gateway = await startGateway(prepared, { log, version: ownVersion(), drain });
    process.once('SIGTERM', drain).once('SIGINT', drain);
    if (json) print(JSON.stringify({ msg: 'ready', ...addresses(gateway), ...told(setup) }));
    else tell(gateway, setup, print, complain);
    await stopping.promise;
    await gateway.stop(1000);
    await database.close();
    rmSync(setup.directory, { recursive: true });
    return 0;
  },
};

function told({ ca, keys, directory }: DemoSetup) {
  return { ca, keys, directory };
}

function addresses({ bound }: Gateway): { http: string; grpc: string } {
  const [own] = bound.upstreams;
  const url = (address = '') => `https://localhost:${address.slice(address.lastIndexOf(':') + 1)}`;
  return { http: url(own?.http), grpc: url(own?.grpc) };
}

function tell(
  gateway: Gateway,
  setup: DemoSetup,
  print: (line: string) => void,
  complain: (line: string) => void,
): void {
  complain(demoNotice);
  const { http, grpc } = addresses(gateway);
  const lines = [
    `REST   ${http}`,
    `gRPC   ${grpc}`,
    `CA     ${setup.ca}`,
    `Keys   read and write on demo   ${setup.keys.rw}`,
    `       read on demo             ${setup.keys.r}`,
    `       everything               ${setup.keys.admin}`,
    `Audit  ${setup.directory}/audit`,
    '',
    'Ask it, with curl, Python (pip install qdrant-client) or TypeScript:',
    '',
    ...demoLines(http, setup.ca, setup.keys.r),
    '',
    'Stop with Ctrl-C.',
  ];
  for (const line of lines) print(line);
}

/** Whether the ports of a database on this machine can be had; else any will do. */
async function areFree({ http, grpc }: typeof usualPorts): Promise<boolean> {
  return (await isFree(http)) && (await isFree(grpc));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
