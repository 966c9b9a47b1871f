import { Counter, type Registry } from 'prom-client';

/** One series of a counter. */
export interface Count {
  value: number;
}

/** A counter, by labels. */
export interface Tally {
  /** A series of these labels; to be asked for once and kept. */
  series(labels: Readonly<Record<string, string>>): Count;
}

/** Registers a counter to which counting costs one addition: prom-client is told of it when
 * somebody asks, as it spells out and hashes the labels each time. */
export function registerTally(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
): Tally {
  const all: { readonly labels: Readonly<Record<string, string>>; value: number }[] = [];
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, value } of all) this.inc(labels, value);
    },
  });
  return {
    series(labels) {
      const own = { labels, value: 0 };
      all.push(own);
      return own;
    },
  };
}
