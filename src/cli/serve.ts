import { pino } from 'pino';
import { loadWithSecrets } from '../config/load-secrets.ts';
import { startGateway } from '../gateway/gateway.ts';
import { prepare } from '../gateway/prepare.ts';
import { problemLine } from '../problem.ts';
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
    const loaded = await loadWithSecrets(String(values['config']));
    const prepared = prepare(loaded);
    for (const warning of loaded.warnings)
      log.warn({ warning: problemLine(warning) }, 'configured');
    const stopping = Promise.withResolvers<string>();
    const gateway = await startGateway(prepared, {
      log,
      version: ownVersion(),
      drain: () => stopping.resolve('drain'),
    });
    process.once('SIGTERM', stopping.resolve).once('SIGINT', stopping.resolve);
    process.on('SIGHUP', () => gateway.reload());
    log.info(gateway.bound, 'ready');
    const reason = await stopping.promise;
    log.info({ reason, deadlineMs: drainTime }, 'stopping');
    await gateway.stop(drainTime);
    log.info('stopped');
    return 0;
  },
};

function levelOf(text: unknown): string {
  if (['debug', 'info', 'warn', 'error'].includes(String(text))) return String(text);
  throw new BadUsage(`--log-level ${text} is unknown; use debug, info, warn or error`);
}
