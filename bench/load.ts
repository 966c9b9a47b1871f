/** Asks for one kind of work over and over; prints how often and how quickly it was answered. */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { type Asked, asked } from './asked.ts';

/** What one run of load is to do. */
export interface LoadPlan {
  readonly work: keyof typeof asked;
  readonly port: number;
  /** Null: the port is not encrypted. */
  readonly ca: string | null;
  readonly key: string;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly seconds: number;
  /** Requests to send first, so that what is measured is not the warming up. */
  readonly warm: number;
  /** Requests a second, sent on a beat; null: as many as are answered. */
  readonly rate: number | null;
}

/** What came of it; times in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

type Ask = () => Promise<void>;

const plan = JSON.parse(process.argv[2] ?? '') as LoadPlan;
const ca = plan.ca === null ? null : readFileSync(plan.ca);
const { method, target, grpc, fields, body }: Asked = asked[plan.work];

const head = [
  `${method} ${target} HTTP/1.1`,
  'host: localhost',
  `api-key: ${plan.key}`,
  ...fields.map(([name, value]) => `${name}: ${value}`),
  ...(body.length === 0 ? [] : [`content-length: ${body.length}`]),
];

function connection(): net.Socket {
  const place = { host: '127.0.0.1', port: plan.port };
  if (ca === null) return net.connect(place);
  return tls.connect({ ...place, ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
}

/** One HTTP/1.1 connection, one request at a time; answers are told by their content-length. */
function restAsker(close: boolean): Ask {
  const lines = close ? [...head, 'connection: close'] : head;
  const request = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
  let socket: net.Socket | null = null;
  let waiting: PromiseWithResolvers<void> | null = null;
  let answer: Buffer = Buffer.alloc(0);
  const open = () => {
    const fresh = connection();
    fresh.setNoDelay(true);
    fresh.on('error', (error) => waiting?.reject(error));
    fresh.on('data', (chunk: Buffer) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      const end = answer.indexOf('\r\n\r\n');
      if (end === -1) return;
      const told = answer.toString('latin1', 0, end).toLowerCase();
      if (!told.startsWith('http/1.1 200')) return waiting?.reject(new Error(told));
      const length = Number(/content-length: (\d+)/.exec(told)?.[1]);
      if (answer.length < end + 4 + length) return;
      answer = Buffer.alloc(0);
      if (close) fresh.destroy();
      waiting?.resolve();
    });
    return fresh;
  };
  return () => {
    if (close || socket === null) socket = open();
    waiting = Promise.withResolvers();
    socket.write(request);
    return waiting.promise;
  };
}

/** One HTTP/2 connection for all. */
function grpcAsker(): Ask {
  const session =
    ca === null
      ? http2.connect(`http://localhost:${plan.port}`)
      : http2.connect(`https://localhost:${plan.port}`, { ca, servername: 'localhost' });
  const headers = {
    ':method': method,
    ':path': target,
    te: 'trailers',
    'api-key': plan.key,
    ...Object.fromEntries(fields),
  };
  return () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stream = session.request(headers);
    let status = '';
    stream.on('response', (told) => {
      status = String(told['grpc-status'] ?? '');
    });
    stream.on('trailers', (told) => {
      status = String(told['grpc-status']);
    });
    stream.on('error', reject);
    stream.resume().on('end', () => {
      if (status === '0') resolve();
      else reject(new Error(`grpc-status ${status}`));
    });
    stream.end(body);
    return promise;
  };
}

const times: number[] = [];

async function timed(ask: Ask): Promise<void> {
  const before = performance.now();
  await ask();
  times.push(performance.now() - before);
}

async function unpaced(asks: readonly Ask[], until: number): Promise<void> {
  const loop = async (ask: Ask) => {
    while (performance.now() < until) await timed(ask);
  };
  await Promise.all(asks.map(loop));
}

/** Sends on a beat of a millisecond, whether or not earlier answers came: what is late counts from
 * when it was due. */
async function paced(asks: readonly Ask[], until: number, rate: number): Promise<void> {
  const free = [...asks];
  const running: Promise<void>[] = [];
  const begin = performance.now();
  for (let sent = 0; performance.now() < until; await beat()) {
    for (let now = performance.now(); free.length > 0; sent++) {
      const due = begin + (sent / rate) * 1000;
      if (due > now) break;
      const ask = free.pop() as Ask;
      now = performance.now();
      const from = now - due < beatTime ? now : due;
      running.push(
        ask().then(() => {
          times.push(performance.now() - from);
          free.push(ask);
        }),
      );
    }
  }
  await Promise.all(running);
}

const beatTime = 2;

function beat(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

const shared = grpc ? grpcAsker() : null;
const asks = Array.from(
  { length: plan.concurrency },
  () => shared ?? restAsker(plan.work === 'rest-new'),
);
const left = { requests: plan.warm };
await Promise.all(
  asks.map(async (ask) => {
    do await ask();
    while (left.requests-- > 0);
  }),
);
console.log('"warm"');
const startedAt = performance.now();
const until = startedAt + plan.seconds * 1000;
if (plan.rate === null) await unpaced(asks, until);
else await paced(asks, until, plan.rate);
const seconds = (performance.now() - startedAt) / 1000;
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
const result: LoadResult = { requests: times.length, seconds, p50: at(0.5), p99: at(0.99) };
console.log(JSON.stringify(result));
process.exit(0);
