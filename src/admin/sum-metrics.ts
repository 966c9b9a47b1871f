/** What is one thing for all processes together, whoever tells of it: the greatest counts. */
const greatest = new Set([
  'vectorgate_ready',
  'vectorgate_build_info',
  'vectorgate_audit_damaged',
  'vectorgate_audit_space_bytes',
  'vectorgate_audit_space_limit_bytes',
  'vectorgate_store_up',
  'vectorgate_store_unseen_seconds',
  'vectorgate_store_gateways',
  'vectorgate_upstream_reachable',
  'vectorgate_workers',
  'vectorgate_worker_restarts_total',
  'nodejs_version_info',
]);

/** What holds only where it holds everywhere: the least counts. */
const least = new Set([
  'vectorgate_draining',
  'vectorgate_audit_ready',
  'process_start_time_seconds',
]);

/** One family, in the order of its first appearance. */
interface Family {
  /** Its help and type. */
  readonly head: string[];
  readonly series: Map<string, number>;
}

/**
 * Adds up what several processes tell in the Prometheus text format 0.0.4, as it is written here:
 * without timestamps. Times that pass in each process by itself, as the delay of its event loop,
 * are the longest of them.
 */
export function sumMetrics(texts: readonly string[]): string {
  const families = new Map<string, Family>();
  for (const text of texts) {
    let name = '';
    const headed = new Set<string>();
    for (const line of text.split('\n')) {
      if (line.startsWith('# ')) {
        name = line.split(' ', 3)[2] ?? '';
        const family: Family = families.get(name) ?? { head: [], series: new Map() };
        families.set(name, family);
        if (family.head.length < 2 && !headed.has(line)) family.head.push(line);
        headed.add(line);
      } else if (line !== '') add(families.get(name)?.series, name, line);
    }
  }
  const lines = [...families.values()].flatMap(({ head, series }) => [
    ...head,
    ...[...series].map(([key, value]) => `${key} ${spelled(value)}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function add(series: Map<string, number> | undefined, name: string, line: string): void {
  const space = line.lastIndexOf(' ');
  const key = line.slice(0, space);
  const value = Number(line.slice(space + 1));
  const known = series?.get(key);
  series?.set(key, known === undefined ? value : together(name, known, value));
}

function together(name: string, one: number, other: number): number {
  if (greatest.has(name) || name.startsWith('nodejs_eventloop_lag')) return Math.max(one, other);
  if (least.has(name)) return Math.min(one, other);
  return one + other;
}

function spelled(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
