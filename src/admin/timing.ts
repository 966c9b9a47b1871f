/** One series of a histogram. */
export interface Timing {
  observe(seconds: number): void;
}

/** A histogram, by labels. */
export interface Timings {
  /** The series of these labels, made on first sight. Their values need no escaping: they are
   * ours. */
  series(labels: Readonly<Record<string, string>>): Timing;
  /** In the Prometheus text format 0.0.4. */
  text(): string;
}

/** Seconds: from what a decision alone takes to what a snapshot takes. */
const bounds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
];

/** Makes a histogram to which an observation costs two additions. prom-client's own spells out and
 * hashes the labels each time, which takes longer than to decide on a request. */
export function makeTimings(name: string, help: string): Timings {
  const all = new Map<string, { readonly counts: Float64Array; sum: number }>();
  return {
    series(labels) {
      const spelled = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const key = spelled.join(',');
      const own = all.get(key) ?? { counts: new Float64Array(bounds.length + 1), sum: 0 };
      all.set(key, own);
      const { counts } = own;
      return {
        observe(seconds) {
          let bucket = 0;
          while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
          counts[bucket] = (counts[bucket] ?? 0) + 1;
          own.sum += seconds;
        },
      };
    },
    text() {
      const lines = [...all].flatMap(([labels, own]) => seriesLines(name, labels, own));
      return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n');
    },
  };
}

function seriesLines(
  name: string,
  labels: string,
  { counts, sum }: { readonly counts: Float64Array; readonly sum: number },
): string[] {
  let total = 0;
  const buckets = [...counts].map((count, index) => {
    total += count;
    return `${name}_bucket{le="${bounds[index] ?? '+Inf'}",${labels}} ${total}`;
  });
  return [...buckets, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${total}`];
}
