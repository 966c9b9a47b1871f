import type { UpstreamUrl } from './config.ts';

/** How long the database may take, in milliseconds. */
export interface UpstreamTimes {
  readonly connect: number;
  /** From the request to the head of its answer. */
  readonly answer: number;
  /** How long an answer that is waited for may stand still. */
  readonly idle: number;
  /**
   * How long an idle connection is kept; shorter than the database keeps it (actix: 5 s), so that
   * it is ours to close.
   */
  readonly keepAlive: number;
}

/** Where a database is, and what reaching it may take. */
export interface Reach {
  readonly url: UpstreamUrl;
  /** PEM of the authorities its certificate is verified against; null: the system's. */
  readonly ca: string | null;
  readonly times: UpstreamTimes;
  /** Connections at once. */
  readonly connections: number;
  /** Requests that may wait for a connection; more are refused. */
  readonly waiting: number;
}

const defaults = {
  times: { connect: 3000, answer: 300_000, idle: 60_000, keepAlive: 4000 },
  connections: 256,
  waiting: 1024,
};

/** How to reach a database where nothing else is said. */
export function reach(url: UpstreamUrl, ca: string | null, other: Partial<Reach> = {}): Reach {
  return { url, ca, ...defaults, ...other };
}

/** `http://127.0.0.1:16333`, `https://[::1]:443` */
export function originOf({ host, port, tls }: UpstreamUrl): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
