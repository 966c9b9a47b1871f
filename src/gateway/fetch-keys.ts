import { Agent, request } from 'undici';

/** Fetches the keys of an issuer from one address. */
export interface KeyFetcher {
  /** The text that stands there. Rejects with an `Error` for people. */
  fetch(): Promise<string>;
  close(): Promise<void>;
}

const longest = 512 * 1024;
const patience = 5000;

/**
 * A fetcher of one https address: verified against `ca` (PEM; null: the system's authorities),
 * without following redirects, at most 512 KiB within five seconds.
 */
export function makeKeyFetcher(url: string, ca: string | null): KeyFetcher {
  const connect = { rejectUnauthorized: true, timeout: patience, ...(ca === null ? {} : { ca }) };
  const dispatcher = new Agent({ connect, connections: 1, maxHeaderSize: 16 * 1024 });
  return {
    fetch: async () => {
      const signal = AbortSignal.timeout(patience);
      const headers = { accept: 'application/jwk-set+json, application/json' };
      const { statusCode, body } = await request(url, { dispatcher, signal, headers });
      // A body that is left unread fails, and nobody else would hear it.
      body.on('error', () => undefined);
      if (statusCode !== 200) {
        body.destroy();
        throw new Error(`it answered with status ${statusCode}; Correct jwks, or mend the issuer`);
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body) {
        bytes += (chunk as Buffer).length;
        if (bytes > longest) throw new Error(`it sent over ${longest} bytes; Correct jwks`);
        chunks.push(chunk as Buffer);
      }
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    },
    close: () => dispatcher.destroy(),
  };
}
