import { Client } from 'undici';
import { Refusal } from '../../refusal.ts';
import { originOf, type Reach } from '../reach.ts';
import { makeConnector } from './connect.ts';

/** One connection to the database, made and remade as needed, for one request at a time. */
export interface Lane {
  readonly client: Client;
  /** Whether the connection that is open now has carried a request. */
  used: boolean;
}

/** Whoever waits for a lane. */
export interface Waiting {
  /** Whether it has given up. */
  readonly aborted: boolean;
  go(lane: Lane): void;
}

/** The connections to one database: the one used last is used first, so that few stay warm. */
export interface Lanes {
  /** Lets `waiting` go now or when a lane is free. Throws `Refusal` overloaded. */
  enter(waiting: Waiting): void;
  leave(lane: Lane): void;
  close(): Promise<void>;
}

/** Makes the connections to one database, none of them open yet. */
export function makeLanes(reach: Reach): Lanes {
  const connect = makeConnector(reach);
  const all: Lane[] = [];
  const free: Lane[] = [];
  const queue = new Set<Waiting>();
  const open = (): Lane => {
    const client = new Client(originOf(reach.url), {
      connect,
      pipelining: 1,
      headersTimeout: reach.times.answer,
      bodyTimeout: reach.times.idle,
      keepAliveTimeout: reach.times.keepAlive,
      keepAliveMaxTimeout: reach.times.keepAlive,
    });
    const lane = { client, used: false };
    client.on('connect', () => {
      lane.used = false;
    });
    all.push(lane);
    return lane;
  };
  return {
    enter: (waiting) => {
      const lane = free.pop() ?? (all.length < reach.connections ? open() : undefined);
      if (lane) return waiting.go(lane);
      if (queue.size >= reach.waiting) {
        throw new Refusal('overloaded', 'too many requests wait for the database');
      }
      queue.add(waiting);
    },
    leave: (lane) => {
      for (const waiting of queue) {
        queue.delete(waiting);
        if (waiting.aborted) continue;
        return waiting.go(lane);
      }
      free.push(lane);
    },
    close: async () => {
      await Promise.all(all.map(({ client }) => client.close()));
    },
  };
}
