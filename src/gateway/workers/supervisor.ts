import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { type Hub, makeHub, type WorkerEnd } from './hub.ts';
import { type FromParent, fromWorker, type WorkersBound } from './message.ts';

/** What several workers are started with. */
export interface SupervisorOptions {
  readonly count: number;
  /** What vectorgate.yaml says: all of them serve this, and those that come later too. */
  readonly configuration: string;
  readonly log: Logger;
  /** Called when an administrator has asked a worker that the gateway stops. */
  readonly drain: () => void;
}

/** Workers that serve, and are started again where they end. */
export interface Supervisor {
  readonly bound: WorkersBound;
  /** Has every worker load everything anew. */
  reload(): void;
  /** Has every worker drain, and resolves when all have ended, after `deadline` milliseconds and a
   * few seconds by force. */
  stop(deadline: number): Promise<void>;
}

/** The variable by which a process knows that it is a worker. */
export const workerVariable = 'VECTORGATE_WORKER';

/** A worker that lived this long, in milliseconds, is started again at once. */
const livedWell = 10_000;
const firstDelay = 100;
const longestDelay = 10_000;
const questionPatience = 5000;
/** What a worker may take beyond the deadline of a drain to close its log. */
const grace = 5000;

/** A place for one worker, whichever process fills it. */
interface Place {
  readonly id: string;
  worker: (WorkerEnd & { readonly child: ChildProcess }) | null;
  /** How often it died young in a row. */
  early: number;
}

/**
 * Starts the workers: the first, which finds out the ports, then the others beside it. Rejects with
 * an `Error` for people, and leaves none, where one of them does not come to serve.
 */
export async function supervise(options: SupervisorOptions): Promise<Supervisor> {
  const crew = new Workers(options);
  await crew.start();
  return crew;
}

class Workers implements Supervisor {
  readonly #options: SupervisorOptions;
  readonly #hub: Hub;
  readonly #places: readonly Place[];
  #bound: WorkersBound | null = null;
  #lead: WorkerEnd | null = null;
  #spare: ChildProcess | null = null;
  #stopping = false;
  #started = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { count } = options;
    this.#hub = makeHub({ count, now: () => performance.now(), patience: questionPatience });
    this.#places = Array.from({ length: count }, (_, index) => {
      return { id: `w${index + 1}`, worker: null, early: 0 };
    });
  }

  get bound(): WorkersBound {
    return this.#bound ?? { upstreams: [], admin: null, health: null };
  }

  async start(): Promise<void> {
    const [first, ...others] = this.#places;
    if (!first) throw new TypeError('no workers');
    try {
      await this.#fill(first, null);
      await Promise.all(others.map((place) => this.#fill(place, null)));
      this.#started = true;
      this.#keepSpare();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  readonly reload = (): void => {
    this.#sayAll({ kind: 'reload' });
  };

  async stop(deadline: number): Promise<void> {
    this.#stopping = true;
    // It holds nothing yet.
    this.#takeSpare()?.kill('SIGKILL');
    const children = this.#places.flatMap(({ worker }) => (worker ? [worker.child] : []));
    this.#sayAll({ kind: 'stop' });
    const force = () => {
      for (const child of children) child.kill('SIGKILL');
    };
    const timer = setTimeout(force, deadline + grace);
    await Promise.all(children.map(ended));
    clearTimeout(timer);
  }

  #sayAll(message: FromParent): void {
    for (const { worker } of this.#places) worker?.say(message);
  }

  /** A process that has read all its code waits for its beginning, so that whoever ends is replaced
   * within a second. */
  #keepSpare(): void {
    if (this.#spare || this.#stopping) return;
    const spare = forked();
    this.#spare = spare;
    spare
      .once('error', () => undefined)
      .once('exit', () => {
        if (this.#spare === spare) this.#spare = null;
      });
  }

  #takeSpare(): ChildProcess | null {
    const spare = this.#spare;
    this.#spare = null;
    return spare?.connected ? spare : null;
  }

  /** Starts a worker in a place. Resolves when it serves; rejects where it ends before. */
  #fill(place: Place, died: string | null): Promise<void> {
    const { log, configuration } = this.#options;
    const child = this.#takeSpare() ?? forked();
    const say = (message: FromParent) => {
      if (child.connected) child.send(message, () => undefined);
    };
    const worker = { id: place.id, pid: child.pid ?? 0, say, child };
    const startedAt = performance.now();
    place.worker = worker;
    this.#lead ??= worker;
    const leads = this.#lead === worker;
    const bound = this.#bound;
    say({ kind: 'begin', configuration, id: place.id, crew: this.#hub.crew, bound, died, leads });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.on('message', (written) => this.#hear(worker, written, resolve));
    child.on('error', (error) => log.error({ err: error, worker: place.id }, 'worker'));
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit ${code}`;
      reject(new Error(`worker ${place.id} ended before it served: ${how}`));
      this.#gone(place, worker, how, performance.now() - startedAt);
    });
    return promise;
  }

  #hear(worker: WorkerEnd & { child: ChildProcess }, written: unknown, served: () => void): void {
    const { success, data: message } = fromWorker.safeParse(written);
    if (!success) {
      this.#options.log.error({ worker: worker.id }, 'a worker said what nobody understands');
      worker.child.kill('SIGKILL');
      return;
    }
    if (message.kind === 'drain') this.#options.drain();
    else if (message.kind === 'serving') {
      this.#bind(message.bound);
      served();
    } else this.#hub.hear(worker, message);
  }

  /** What one worker bound, the others bind too. */
  #bind({ upstreams, admin, health }: WorkersBound): void {
    const known = this.#bound;
    this.#bound = {
      upstreams: known?.upstreams ?? upstreams,
      admin: known?.admin ?? admin,
      health: known?.health ?? health,
    };
  }

  /** The admin and health ports go to one that serves, where there is one. */
  #leadBy(worker: WorkerEnd | undefined): void {
    this.#lead = worker ?? null;
    worker?.say({ kind: 'lead' });
  }

  #next(): WorkerEnd | undefined {
    const serving = new Set(this.#hub.crew.workers.map(({ id }) => id));
    const there = this.#places.flatMap(({ worker }) => worker ?? []);
    return there.find(({ id }) => serving.has(id)) ?? there[0];
  }

  #gone(place: Place, worker: WorkerEnd, how: string, lived: number): void {
    this.#hub.gone(worker);
    place.worker = null;
    if (this.#stopping || !this.#started) return;
    if (this.#lead === worker) this.#leadBy(this.#next());
    place.early = lived >= livedWell ? 0 : place.early + 1;
    const delay =
      place.early <= 1 ? 0 : Math.min(firstDelay * 2 ** (place.early - 2), longestDelay);
    this.#options.log.error({ worker: place.id, how, restartInMs: delay }, 'worker ended');
    this.#hub.restarted();
    setTimeout(() => this.#restart(place, how), delay);
  }

  #restart(place: Place, how: string): void {
    if (this.#stopping) return;
    const { log } = this.#options;
    const from = performance.now();
    this.#fill(place, how).then(
      () => {
        const tookMs = Math.round(performance.now() - from);
        log.info({ worker: place.id, pid: place.worker?.pid, tookMs }, 'worker is back');
        this.#keepSpare();
      },
      // Its end is told where it is noticed.
      () => undefined,
    );
  }
}

function forked(): ChildProcess {
  return fork(process.argv[1] ?? '', process.argv.slice(2), {
    env: { ...process.env, [workerVariable]: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
