import { Agent, request } from 'undici';
import { isLoopback } from '../../proxy/config.ts';

/** What a store's client asks. */
export interface StoreRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

/** A whole answer. */
export interface StoreAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The wire under the clients of secret stores. */
export interface Transport {
  /** Rejects with an `Error` for people where no whole answer comes. */
  send(request: StoreRequest): Promise<StoreAnswer>;
  close(): Promise<void>;
}

const longest = 1024 * 1024;
const patience = 5000;

/**
 * A wire to one store: verified against `ca` (PEM; null: the system's authorities), in the clear
 * only to this host, without following redirects, which would carry the login along, and without
 * proxies from the environment; at most 1 MiB within five seconds.
 */
export function makeTransport(ca: string | null): Transport {
  const connect = { rejectUnauthorized: true, timeout: patience, ...(ca === null ? {} : { ca }) };
  const dispatcher = new Agent({ connect, connections: 4, maxHeaderSize: 16 * 1024 });
  return {
    send: async ({ method, url, headers, body }) => {
      const { protocol, hostname } = new URL(url);
      if (protocol !== 'https:' && !isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) {
        throw new Error('it would be asked in the clear; Use an https:// address');
      }
      try {
        return await sent({ method, url, headers, body }, dispatcher);
      } catch (error) {
        throw unreachable(error as Error);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

async function sent(
  { method, url, headers, body }: StoreRequest,
  dispatcher: Agent,
): Promise<StoreAnswer> {
  const signal = AbortSignal.timeout(patience);
  const answer = await request(url, {
    ...{ dispatcher, signal, body, headers: { ...headers } },
    method: method as 'GET',
  });
  // A body that is left unread fails, and nobody else would hear it.
  answer.body.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += (chunk as Buffer).length;
    if (bytes > longest) throw new Error(`its answer is over ${longest} bytes`);
    chunks.push(chunk as Buffer);
  }
  const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: answer.statusCode,
    headers: Object.fromEntries(told) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}

function unreachable(error: Error): Error {
  if (error.name === 'TimeoutError') return new Error(`it did not answer in time; ${remedy}`);
  const reason = 'code' in error ? `cannot be reached (${String(error.code)})` : error.message;
  return new Error(`${reason}; ${remedy}`);
}

const remedy = 'Look whether the store is up and its address and ca are right';
