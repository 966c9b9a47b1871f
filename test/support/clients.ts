import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Protocol } from '../../src/catalog/operation.ts';
import type { Connection, ThrownError, Vocabulary } from './clients/vocabulary.ts';
import type { TestGateway } from './gateway.ts';
import { findPython } from './python.ts';

/** An official client, and the process it runs in. */
export interface ClientKind {
  /** `js-grpc` */
  readonly name: string;
  readonly protocol: Protocol;
  readonly command: string;
  readonly script: string;
  readonly preferGrpc: boolean;
}

const python = findPython();

/** Every official client that can run here. */
export const clientKinds: readonly ClientKind[] = [
  { ...scripted('js-rest', 'rest.ts'), protocol: 'http', preferGrpc: false },
  { ...scripted('js-grpc', 'grpc.ts'), protocol: 'grpc', preferGrpc: true },
  ...(python === null
    ? []
    : [
        {
          ...scripted('python-rest', 'qdrant.py', python.command),
          protocol: 'http' as const,
          preferGrpc: false,
        },
        {
          ...scripted('python-grpc', 'qdrant.py', python.command),
          protocol: 'grpc' as const,
          preferGrpc: true,
        },
      ]),
];

/** Which clients the stories are told through, for whoever reads the test's output. */
export const clientNotice =
  python === null
    ? 'clients: js-rest, js-grpc; without Python: neither python3 nor VECTORGATE_TEST_PYTHON has ' +
      'qdrant-client'
    : `clients: js-rest, js-grpc, python-rest, python-grpc (qdrant-client ${python.version})`;

/** Has the SDK do it. Rejects with `Thrown`. */
export type Call = <Word extends keyof Vocabulary>(
  word: Word,
  args: Parameters<Vocabulary[Word]>[0],
) => Promise<ReturnType<Vocabulary[Word]>>;

/** A client at work, as whomever the test says. */
export interface Client {
  readonly kind: ClientKind;
  /** The client that presents this key; null: none. */
  as(key: string | null): Call;
  close(): Promise<void>;
}

/** The exception that a call ended with. */
export class Thrown extends Error {
  override readonly name = 'Thrown';
  readonly told: ThrownError;
  constructor(call: string, told: ThrownError) {
    super(`${call}: ${told.name}: ${told.message}`);
    this.told = told;
  }
}

interface Waiting {
  readonly call: string;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a client in a process of its own, as the JS ones learn of an authority only there. */
export function startClient(kind: ClientKind, gateway: TestGateway, upstream?: string): Client {
  const connection: Connection = {
    http: gateway.http(upstream),
    grpc: gateway.grpc(upstream),
    ca: gateway.certificates.ca,
  };
  const told = JSON.stringify({ ...connection, preferGrpc: kind.preferGrpc });
  const child = spawn(kind.command, [kind.script, told], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: connection.ca },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const waiting = new Map<number, Waiting>();
  let last = 0;
  createInterface({ input: child.stdout }).on('line', (line) => settle(waiting, line));
  child.on('close', (code) => {
    for (const { call, reject } of waiting.values()) {
      reject(new Error(`${kind.name} ended with ${code} before it answered ${call}`));
    }
  });
  return {
    kind,
    as: (key) => (call, args) => {
      const id = ++last;
      return new Promise((resolve, reject) => {
        waiting.set(id, { call, resolve, reject });
        child.stdin.write(`${JSON.stringify({ id, key, call, args })}\n`);
      });
    },
    close: async () => {
      child.kill();
      await ended;
    },
  };
}

function settle(waiting: Map<number, Waiting>, line: string): void {
  const { id, ok, error } = JSON.parse(line) as { id: number; ok: never; error?: ThrownError };
  const asked = waiting.get(id);
  waiting.delete(id);
  if (error) asked?.reject(new Thrown(asked.call, error));
  else asked?.resolve(ok);
}

function scripted(name: string, file: string, command = process.execPath) {
  return { name, command, script: `test/support/clients/${file}` };
}
