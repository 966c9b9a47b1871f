import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire between the gateway and a port of its database that can be pinched. */
export interface Wire {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** From now on nothing comes back from the database. */
  pinch(): void;
  release(): void;
  close(): Promise<void>;
}

/** Lays a wire to a port. */
export async function layWire(to: string): Promise<Wire> {
  const { hostname, port } = new URL(to);
  const ends = new Set<readonly [Socket, Socket]>();
  let isPinched = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    ends.add(pair);
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => near.write(chunk));
    if (isPinched) far.pause();
    for (const end of pair) {
      end.on('error', () => undefined);
      end.on('close', () => {
        ends.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pinch: () => {
      isPinched = true;
      for (const [, far] of ends) far.pause();
    },
    release: () => {
      isPinched = false;
      for (const [, far] of ends) far.resume();
    },
    close: async () => {
      for (const [near] of ends) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
