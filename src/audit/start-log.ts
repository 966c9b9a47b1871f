import { mkdirSync } from 'node:fs';
import type { AuditConfig } from './config.ts';
import type { EventRecords, Unrecorded } from './event-record.ts';
import { Log, type LogOptions } from './log.ts';
import { recover } from './recover.ts';

/** What a log is started with. */
export interface Started extends Omit<LogOptions, 'directory' | 'faultRecord'> {
  /** The version of the gateway. */
  readonly version: string;
}

const diedWriting = new Error('the gateway died while it wrote a record');

/**
 * Ends what earlier runs left open, and starts a new segment, durably. Rejects with an `Error` for
 * people where the log is damaged or cannot be written.
 */
export async function startLog(
  { directory, ...config }: AuditConfig,
  options: Started,
  events: EventRecords,
  unrecorded: Unrecorded,
): Promise<Log> {
  const { place, next, open, torn, read } = recover(directory, options.writer);
  const faultRecord: LogOptions['faultRecord'] = (fault) => events.fault(fault, unrecorded);
  const log = new Log({ ...options, directory, faultRecord }, place, next);
  try {
    if (torn) options.files.truncate(torn.path, torn.bytes);
    for (const { path } of read) options.files.syncPath(path);
    await log.start([
      ...(torn ? [faultRecord({ ...torn, error: diedWriting, carried: 0, dropped: 0 })] : []),
      ...open.map(events.indeterminate),
      events.start(config, options.version),
    ]);
    return log;
  } catch (error) {
    throw unusable(directory, 'be written', error);
  }
}

/** Makes the audit directory, for its owner alone, where it is missing. Throws `Error` for
 * people. */
export function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(directory, 'be made', error);
  }
}

function unusable(directory: string, what: string, error: unknown): Error {
  const cause = error instanceof Error ? error.message : String(error);
  return new Error(
    `the audit directory ${directory} cannot ${what} (${cause}); ` +
      'see to its volume and its permissions, or name another',
    { cause: error },
  );
}
