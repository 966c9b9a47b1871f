import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Reach } from '../reach.ts';

/** How long an answer may take to be read once the database reads no more of its request. */
const lastWords = 1000;

type WriteDone = (error?: Error | null) => void;
type WritableInside = Socket & {
  _write(chunk: unknown, encoding: BufferEncoding, done: WriteDone): void;
  _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: WriteDone): void;
};

/** Opens connections to the database: HTTP/1.1, verified where it is TLS. */
export function makeConnector({ url, ca, times }: Reach): buildConnector.connector {
  const connect = buildConnector({
    timeout: times.connect,
    allowH2: false,
    // One identity, one connection: a session of another is never resumed.
    maxCachedSessions: 0,
    rejectUnauthorized: true,
    ...(ca === null ? {} : { ca }),
    ...(url.tls && !/[:\d]$/.test(url.host) ? { servername: url.host } : {}),
  });
  return (options, done) => {
    connect(options, (...opened) => {
      const [error, socket] = opened;
      if (error === null) hearFirst(socket as WritableInside);
      done(...opened);
    });
  };
}

/**
 * A database that refuses an upload answers before it has read it, and closes: writing on then
 * fails while the answer is still to be read, and would take it along. So a failed write tells
 * nobody until the reading has ended too.
 */
function hearFirst(socket: WritableInside): void {
  const { _write, _writev } = socket;
  const patient = (done: WriteDone): WriteDone => {
    return (error) => {
      if (!error || socket.destroyed || socket.readableEnded) return done(error);
      const timer = setTimeout(() => done(error), lastWords).unref();
      socket.once('close', () => clearTimeout(timer));
    };
  };
  socket._write = (chunk, encoding, done) => _write.call(socket, chunk, encoding, patient(done));
  socket._writev = (chunks, done) => _writev.call(socket, chunks, patient(done));
}
