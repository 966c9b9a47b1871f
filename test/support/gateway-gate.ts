import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that has come to the gate; its answer has not gone out. */
export interface Held {
  readonly method: string;
  readonly target: string;
  /** Lets the answer of the database out. */
  release(): void;
}

/** A door before a database's REST port that can be shut on answers. */
export interface Gate {
  /** `http://127.0.0.1:PORT` */
  readonly http: string;
  /** Shuts on the next request whose target begins so; resolves once the database has served it. */
  hold(target: string): Promise<Held>;
  close(): Promise<void>;
}

/** Opens a gate before the REST port of a database. */
export async function openGate(database: string): Promise<Gate> {
  const shut = new Map<string, (held: Held) => void>();
  const server = createServer((asked, answer) => {
    const target = asked.url ?? '';
    const prefix = [...shut.keys()].find((each) => target.startsWith(each));
    const met = prefix === undefined ? undefined : shut.get(prefix);
    if (prefix !== undefined) shut.delete(prefix);
    pass(database, asked, answer, met);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    http: `http://127.0.0.1:${port}`,
    hold: (target) => new Promise((resolve) => shut.set(target, resolve)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(
  database: string,
  asked: IncomingMessage,
  answer: ServerResponse,
  met: ((held: Held) => void) | undefined,
): void {
  const { method = 'GET', url: target = '', headers } = asked;
  const onward = request(database + target, { method, headers }, (came) => {
    const release = () => {
      answer.writeHead(came.statusCode ?? 500, came.headers);
      came.pipe(answer);
    };
    if (met) met({ method, target, release });
    else release();
  });
  onward.on('error', () => answer.destroy());
  asked.pipe(onward);
}
