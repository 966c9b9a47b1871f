import { type Logger, pino } from 'pino';
import { openConfig } from '../config/load.ts';
import { loadWithSecrets } from '../config/load-secrets.ts';
import { readDocument } from '../document.ts';
import { startGateway } from '../gateway/gateway.ts';
import { type Prepared, prepare } from '../gateway/prepare.ts';
import { openLine, type Siblings } from '../gateway/workers/line.ts';
import { supervise, workerVariable } from '../gateway/workers/supervisor.ts';
import { type Problem, problemLine } from '../problem.ts';
import { BadUsage, type Verb } from './verb.ts';
import { ownVersion } from './version.ts';

/** How long what is under way may take once the gateway was told to stop, in milliseconds. */
const drainTime = 30_000;

/** `vectorgate serve`: the gateway, until it is told to stop. */
export const verb: Verb = {
  name: 'serve',
  summary: 'Serve the databases of a configuration',
  usage: 'serve [--config vectorgate.yaml] [--log-level info]',
  options: {
    config: {
      type: 'string',
      default: 'vectorgate.yaml',
      help: 'the configuration (default: vectorgate.yaml)',
    },
    'log-level': {
      type: 'string',
      default: 'info',
      help: 'debug, info, warn or error (default: info)',
    },
  },
  run: async ({ values }) => {
    const log = pino({ level: levelOf(values['log-level']) });
    const siblings = await joinSiblings();
    try {
      const file = String(values['config']);
      const document = siblings ? readDocument(file, siblings.configuration) : openConfig(file);
      const loaded = await loadWithSecrets(document);
      const prepared = prepare(loaded);
      if (!siblings) tellWarnings(loaded.warnings, log);
      if (siblings) await serve(prepared, log.child({ worker: siblings.id }), siblings);
      else if (prepared.config.workers === 1) await serve(prepared, log, null);
      else await serveTogether(prepared, document.text, log);
      return 0;
    } finally {
      // Else a worker that has ended would go on listening to its parent.
      if (siblings && process.connected) process.disconnect?.();
    }
  },
};

function tellWarnings(warnings: readonly Problem[], log: Logger): void {
  for (const warning of warnings) log.warn({ warning: problemLine(warning) }, 'configured');
}

/** Serves until somebody or something wants it to end. */
async function serve(prepared: Prepared, log: Logger, siblings: Siblings | null): Promise<void> {
  const stopping = Promise.withResolvers<string>();
  process.once('SIGTERM', stopping.resolve).once('SIGINT', stopping.resolve);
  siblings?.onStop(stopping.resolve);
  const drain = () => stopping.resolve('drain');
  const gateway = await startGateway(prepared, { log, version: ownVersion(), drain, siblings });
  if (siblings) siblings.onReload(gateway.reload);
  else process.on('SIGHUP', () => gateway.reload());
  if (!siblings) log.info(gateway.bound, 'ready');
  const reason = await stopping.promise;
  log.info({ reason, deadlineMs: drainTime }, 'stopping');
  await gateway.stop(drainTime);
  log.info('stopped');
}

/** Has workers serve until somebody wants them to end; this process only supervises. */
async function serveTogether(
  { config, secrets }: Prepared,
  configuration: string,
  log: Logger,
): Promise<void> {
  await secrets.stores?.close();
  const stopping = Promise.withResolvers<string>();
  const drain = () => stopping.resolve('drain');
  process.once('SIGTERM', stopping.resolve).once('SIGINT', stopping.resolve);
  const workers = await supervise({ count: config.workers, configuration, log, drain });
  process.on('SIGHUP', workers.reload);
  log.info({ ...workers.bound, workers: config.workers }, 'ready');
  const reason = await stopping.promise;
  log.info({ reason, deadlineMs: drainTime }, 'stopping');
  await workers.stop(drainTime);
  log.info('stopped');
}

/** The others, where this process was started as a worker; null: it was started by somebody. */
async function joinSiblings(): Promise<Siblings | null> {
  if (!process.connected || process.env[workerVariable] === undefined) return null;
  // A signal to all processes of a terminal means the parent, which passes it on.
  process.on('SIGHUP', () => undefined);
  return openLine({
    say: (message) => {
      if (process.connected) process.send?.(message, () => undefined);
    },
    hear: (listener) => process.on('message', listener),
    closed: (listener) => process.once('disconnect', listener),
  });
}

function levelOf(text: unknown): string {
  if (['debug', 'info', 'warn', 'error'].includes(String(text))) return String(text);
  throw new BadUsage(`--log-level ${text} is unknown; use debug, info, warn or error`);
}
