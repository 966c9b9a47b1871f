import { makeLimiter } from '../src/limits/limiter.ts';
import type { Measure, Quota } from '../src/policy/quota.ts';

/** What the limiter costs by itself: microseconds a request, and memory for each identity. */
const identities = 100_000;
const requests = 2_000_000;

function quotaOf(who: number, measure: Measure): Quota {
  const period = measure === 'concurrent' ? 0 : 1000;
  const name = `search.${measure}`;
  const key = `${name}\nkey:service-${who}\n`;
  return { key, name, scope: '', measure, units: 1000, period, burst: 1000 };
}

/** Heap in use once everything that can go has gone. */
function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const before = heap();
const quotas = Array.from({ length: identities }, (_, who) => [
  quotaOf(who, 'requests'),
  quotaOf(who, 'concurrent'),
]);
const limiter = makeLimiter({ now: () => performance.now() });
// As every count is owed for a while, none is forgotten before memory is looked at.
for (const each of quotas) {
  const taken = limiter.take(each, 1000);
  if (taken instanceof Promise) throw new TypeError('no count is shared here');
}
const bytes = heap() - before;

/** CPU microseconds that one of so many turns takes. */
function microseconds(turns: number, turn: (at: number) => void): string {
  const start = process.cpuUsage();
  for (let at = 0; at < turns; at++) turn(at);
  const { user, system } = process.cpuUsage(start);
  return ((user + system) / turns).toFixed(2);
}

const busy = quotas.slice(0, 1000);
const other = makeLimiter({ now: () => performance.now() });
const passed = microseconds(requests, (at) => {
  const taken = other.take(busy[at % busy.length] ?? [], 0.1);
  if (!(taken instanceof Promise)) taken.release();
});
const owing = quotas.slice(-100).map(([rate]) => (rate ? [rate] : []));
for (const each of owing) other.take(each, 1e12);
const refused = microseconds(requests / 10, (at) => {
  try {
    other.take(owing[at % 100] ?? [], 1);
  } catch {
    return;
  }
  throw new Error('it was not refused');
});

console.log(`${passed} µs a request that passes two limits, ${refused} µs one that is refused`);
console.log(`${(bytes / 1024 ** 2).toFixed(0)} MiB for ${identities} identities, two limits each`);
