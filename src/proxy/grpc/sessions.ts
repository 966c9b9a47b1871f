import { type ClientHttp2Session, connect } from 'node:http2';
import { Refusal } from '../../refusal.ts';
import { originOf, type Reach } from '../reach.ts';

/**
 * How much of one answer may wait for its caller, in bytes. All streams of a connection together
 * may have as much each, so that no caller who reads slowly stalls another's answer.
 */
const streamWindow = 256 * 1024;
/** Streams on one connection: fewer where the database says so. */
const mostStreams = 100;

/** One connection to the database. */
export interface Session {
  readonly http2: ClientHttp2Session;
  streams: number;
  /** Whether it has brought an answer. */
  served: boolean;
  /** Whether it can still take calls. */
  usable: boolean;
}

/** The connections to one database: as few as its limits on streams allow. */
export interface Sessions {
  /** One that can take a call now. Throws `Refusal` overloaded. */
  pick(): Session;
  close(): Promise<void>;
}

/** Makes the connections to one database, none of them open yet. */
export function makeSessions(reach: Reach): Sessions {
  const all = new Set<Session>();
  return {
    pick: () => {
      for (const session of all) if (hasRoom(session)) return session;
      if (all.size < Math.ceil(reach.connections / mostStreams)) return open(reach, all);
      throw new Refusal('overloaded', 'too many calls are under way to the database');
    },
    close: async () => {
      await Promise.all([...all].map(ending));
    },
  };
}

function hasRoom({ http2, streams, usable }: Session): boolean {
  if (!usable) return false;
  const most = http2.connecting ? mostStreams : (http2.remoteSettings.maxConcurrentStreams ?? 0);
  return streams < Math.min(most, mostStreams);
}

function open(reach: Reach, all: Set<Session>): Session {
  const http2 = connect(originOf(reach.url), {
    settings: { enablePush: false, initialWindowSize: streamWindow },
    maxSessionMemory: 64,
    ...(reach.ca === null ? {} : { ca: reach.ca }),
    ...(reach.url.tls ? { rejectUnauthorized: true, session: undefined } : {}),
  });
  const session: Session = { http2, streams: 0, served: false, usable: true };
  const drop = () => {
    session.usable = false;
    all.delete(session);
  };
  const timer = setTimeout(() => http2.destroy(new Error('no connection')), reach.times.connect);
  http2.on('connect', () => {
    clearTimeout(timer);
    http2.setLocalWindowSize(streamWindow * mostStreams);
  });
  http2.on('goaway', drop).on('close', drop);
  // Each stream is told of the error too; without a listener it would end the process.
  http2.on('error', drop);
  http2.on('close', () => clearTimeout(timer));
  all.add(session);
  return session;
}

function ending({ http2 }: Session): Promise<void> {
  return new Promise((resolve) => {
    if (http2.destroyed) return resolve();
    http2.on('close', resolve);
    http2.close();
  });
}
