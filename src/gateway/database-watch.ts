import type { Ask, Database } from '../catalog/database.ts';
import type { DatabaseFacts, Protocol } from '../catalog/operation.ts';
import { keepNames, type OwnedNameKeeper } from '../proxy/names.ts';

const namesEvery = 1000;
const versionEvery = 60_000;
const namesStaleAfter = 5000;
const changePatience = 10_000;

/** What a database is watched with. */
export interface WatchOptions {
  readonly database: Database;
  readonly ask: Ask;
  /** Told when it begins or ceases to answer, and of each new version; `wrong`: somebody should
   * look. */
  readonly noticed: (notice: string, wrong: boolean, detail: Record<string, unknown>) => void;
}

/** What the gateway knows of one database, kept up to date: its names, its version, and whether it
 * answers. */
export interface DatabaseWatch {
  readonly names: OwnedNameKeeper;
  readonly facts: DatabaseFacts;
  /** By the protocols on which it is asked. */
  readonly reachable: Readonly<Partial<Record<Protocol, boolean>>>;
  /** Asks now, and again and again. Resolves after the first answers, or failures. */
  start(): Promise<void>;
  close(): void;
}

/** Makes the watch over one database; it asks nothing before `start`. */
export function watchDatabase(options: WatchOptions): DatabaseWatch {
  const { database, ask, noticed } = options;
  const { facts, readVersion } = keepVersion(options);
  const { protocol: namesOn = 'http' } = database.nameRequests[0] ?? {};
  const reachable = unreached(namesOn, database);
  /** The first answer is told whatever it is: a database that never answered is news too. */
  const asked = new Set<Protocol>();
  let timers: readonly NodeJS.Timeout[] = [];

  function found(protocol: Protocol, answers: boolean, error?: Error): void {
    if (asked.has(protocol) && reachable[protocol] === answers) return;
    asked.add(protocol);
    reachable[protocol] = answers;
    const notice = answers ? 'upstream reachable' : 'upstream unreachable';
    noticed(notice, !answers, { protocol, reason: error?.message });
    // Whoever comes back may have been replaced by another version.
    if (answers) void readVersion();
  }

  async function readNames() {
    const table = await database.readNames(ask);
    found(namesOn, true);
    return table;
  }

  async function probe(): Promise<void> {
    const { probeRequest } = database;
    if (!probeRequest) return;
    const { protocol } = probeRequest;
    await ask(probeRequest).then(
      () => found(protocol, true),
      (error) => found(protocol, false, error),
    );
  }

  const names = keepNames({
    read: readNames,
    now: () => performance.now(),
    staleAfter: namesStaleAfter,
    patience: changePatience,
    failed: (error) => found(namesOn, false, error),
  });
  return {
    names,
    facts,
    reachable,
    start: async () => {
      timers = [
        every(namesEvery, names.refresh),
        every(namesEvery, probe),
        every(versionEvery, readVersion),
      ];
      await Promise.all([names.refresh(), probe(), readVersion()]);
    },
    close: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** The facts of a database, of which `readVersion` asks anew. */
function keepVersion({ database, ask, noticed }: WatchOptions) {
  const facts: { version: string | null } = { version: null };
  async function readVersion(): Promise<void> {
    try {
      const version = database.readVersion(await ask(database.versionRequest));
      if (version === facts.version) return;
      facts.version = version;
      const newer = isNewer(version, database.knownVersion);
      const notice = newer ? 'upstream newer than the catalogue' : 'upstream version';
      noticed(notice, newer, { version, known: database.knownVersion });
    } catch {
      // The names, which are asked for each second, tell whether the database answers.
    }
  }
  return { facts, readVersion };
}

/** Nothing has answered yet, on either protocol that is asked. */
function unreached(namesOn: Protocol, { probeRequest }: Database) {
  const reachable: Partial<Record<Protocol, boolean>> = { [namesOn]: false };
  if (probeRequest) reachable[probeRequest.protocol] = false;
  return reachable;
}

/** Whether a version of three numbers comes after another. */
export function isNewer(version: string, known: string): boolean {
  const parts = (text: string) => text.split(/[.-]/).map(Number);
  const [mine, theirs] = [parts(version), parts(known)];
  for (let at = 0; at < 3; at++) {
    const [a = 0, b = 0] = [mine[at], theirs[at]];
    if (a !== b) return a > b;
  }
  return false;
}

/** Does something again and again, never twice at once. */
function every(interval: number, work: () => Promise<void>): NodeJS.Timeout {
  let running = false;
  return setInterval(() => {
    if (running) return;
    running = true;
    work().finally(() => {
      running = false;
    });
  }, interval);
}
