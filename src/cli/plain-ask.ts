import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import type { UpstreamUrl } from '../proxy/config.ts';

const patience = 3000;
const answerAtMost = 64 * 1024 * 1024;

/** An answer to a question that does not pass through the gateway. */
export interface PlainAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Asks a database directly, by GET. Rejects with an `Error` where it does not answer. */
export function askPlainly(
  { host, port, tls }: UpstreamUrl,
  target: string,
  { fields, ca }: { readonly fields: readonly string[]; readonly ca: string | null },
): Promise<PlainAnswer> {
  const headers = Object.fromEntries(
    Array.from({ length: fields.length / 2 }, (_, at) => [fields[at * 2], fields[at * 2 + 1]]),
  );
  return new Promise((resolve, reject) => {
    const asked = (tls ? https : http).request({
      ...{ host, port, path: target, method: 'GET', headers, agent: false },
      ...(ca === null ? {} : { ca }),
      signal: AbortSignal.timeout(patience),
    });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('error', reject);
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > answerAtMost) answer.destroy(new Error('the answer is too large'));
      });
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) });
      });
    });
    asked.end();
  });
}

/** Whether something listens at an address. Never rejects. */
export function listensAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patience });
    const end = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}
