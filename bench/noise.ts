/** Asks for something worthless at a rate over HTTP/2 until it is killed; prints how often each second. */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { makeApiKey } from '../src/identity/api-key.ts';

/** What is asked for, and how often a second. */
export interface NoisePlan {
  readonly what: 'livez' | 'bad-key';
  readonly port: number;
  readonly ca: string;
  readonly rate: number;
}

const plan = JSON.parse(process.argv[2] ?? '') as NoisePlan;
const ca = readFileSync(plan.ca);
const sessions = Array.from({ length: 40 }, () =>
  http2.connect(`https://localhost:${plan.port}`, { ca, servername: 'localhost' }),
);
const open = sessions.map(() => 0);
/** Some are told what they are not, most that they are nobody. */
const keys = Array.from({ length: 1000 }, () => makeApiKey().key);
let sent = 0;
let answered = 0;

function ask(): void {
  const at = sent++ % sessions.length;
  const session = sessions[at];
  if (!session || (open[at] ?? 0) >= 95) return;
  open[at] = (open[at] ?? 0) + 1;
  const fields =
    plan.what === 'livez'
      ? { ':path': '/livez' }
      : { ':path': '/collections', 'api-key': keys[sent % keys.length] };
  const stream = session.request(fields);
  stream.on('close', () => {
    open[at] = (open[at] ?? 1) - 1;
    answered++;
  });
  stream.on('error', () => undefined).resume();
}

const begin = performance.now();
setInterval(() => {
  const due = ((performance.now() - begin) / 1000) * plan.rate;
  for (let now = 0; sent < due && now < plan.rate / 10; now++) ask();
}, 2);
setInterval(() => {
  console.log(JSON.stringify({ answered }));
  answered = 0;
}, 1000);
