import type { Place } from './appender.ts';
import { type Checkpoint, noteText, type SigningKey, signNote } from './checkpoint.ts';
import { type CheckpointCopy, type CopyStatus, checkpointCopy } from './checkpoint-copy.ts';
import type { CheckpointsConfig } from './checkpoints-config.ts';
import { jsonString } from './json-string.ts';
import type { Log } from './log.ts';
import { renderNote } from './note.ts';
import { readSigningKey } from './signing-key.ts';

/** How the checkpoints of a log do. */
export interface CheckpointStatus extends CopyStatus {
  readonly origin: string;
  /** The public key, in base64. */
  readonly key: string;
  /** How many records the last checkpoint on the disk covers; 0 for none since the start. */
  readonly covered: number;
}

/** The checkpoints of one log. */
export interface Checkpoints {
  readonly status: CheckpointStatus;
  /** Puts a checkpoint into the log with the next write; where the key is new, after one by which
   * the key before hands over to it. */
  add(log: Log): void;
  /** To be called each second. */
  tick(log: Log): void;
  /** Signs what came last, and resolves when it is on the disk and was tried to be copied. */
  close(log: Log): Promise<void>;
}

/** Where nothing is recorded, a checkpoint still comes so often: who holds them elsewhere can tell
 * silence from a log that is cut off. */
const heartbeatMs = 600_000;

/** What checkpoints take from their surroundings. */
export interface CheckpointOptions {
  readonly writer: string;
  readonly time: () => string;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  /** The public key of the checkpoints of earlier runs; null: there are none. */
  readonly keyBefore: string | null;
  /** Hears of copies that fail. */
  readonly failed: (reason: string) => void;
}

/**
 * The checkpoints of a log, signed by the configured key. Throws `Error` for people where the key
 * cannot be read, or is another than that of earlier runs and nothing hands over to it.
 */
export function checkpointsOf(config: CheckpointsConfig, options: CheckpointOptions): Checkpoints {
  const key = readSigningKey(config.key, 'audit.checkpoints.key');
  let previous = handingOver(config, key, options.keyBefore);
  const origin = `${config.origin}/${options.writer}`;
  const copy = config.copy === undefined ? null : checkpointCopy(config.copy, options.failed);
  const state = { covered: 0, written: 0, at: options.monotonic() };

  function put(log: Log, signer: SigningKey, nextKey: string | null): Promise<boolean> {
    let checkpoint: Checkpoint | null = null;
    let signature = '';
    const body = ({ seq, prev }: Place, segment: string) => {
      checkpoint = { origin, size: seq, hash: prev, time: options.time(), segment, nextKey };
      signature = signNote(noteText(checkpoint), origin, signer);
      return bodyOf(checkpoint, signer.public, signature);
    };
    state.at = options.monotonic();
    return new Promise((resolve) => {
      log.commit(body, false, 'synced', (refusal) => {
        if (!refusal && checkpoint) {
          state.covered = checkpoint.size;
          state.written = checkpoint.size + 1;
          copy?.send(renderNote(checkpoint, signature), checkpoint.size);
        }
        resolve(!refusal);
      });
    });
  }
  /** Until it is on the disk that the previous key hands over, nobody need believe the new one. */
  async function seal(log: Log): Promise<void> {
    const handedOver = previous && put(log, previous, key.public);
    const sealed = put(log, key, null);
    if (handedOver && (await handedOver)) previous = null;
    await sealed;
  }
  return {
    get status() {
      return { origin, key: key.public, covered: state.covered, ...copied(copy) };
    },
    add: (log) => void seal(log),
    tick: (log) => {
      copy?.tick();
      const { ready, records } = log.status;
      const idle = records <= state.written;
      const pause = idle ? Math.max(config.every, heartbeatMs) : config.every;
      if (ready && options.monotonic() - state.at >= pause) void seal(log);
    },
    close: async (log) => {
      await seal(log);
      await copy?.close();
    },
  };
}

function bodyOf(checkpoint: Checkpoint, key: string, signature: string): string {
  const { origin, time, segment, nextKey } = checkpoint;
  return (
    `"time":"${time}","kind":"checkpoint","event":"audit.checkpoint",` +
    `"origin":${jsonString(origin)},"segment":"${segment}","key":"${key}",` +
    `${nextKey === null ? '' : `"nextKey":"${nextKey}",`}"signature":"${signature}"`
  );
}

function copied(copy: CheckpointCopy | null): CopyStatus {
  return copy?.status ?? { copied: 0, waiting: 0, lastError: null };
}

/** The key that must sign the new one, as it signed before; null where it is the same. */
function handingOver(
  { previousKey }: CheckpointsConfig,
  key: SigningKey,
  before: string | null,
): SigningKey | null {
  if (before === null || before === key.public) return null;
  if (previousKey === undefined) {
    throw new Error(
      'the checkpoints of this log are signed by another key than audit.checkpoints.key; ' +
        'name that one as audit.checkpoints.previousKey, so that it signs the new one',
    );
  }
  const previous = readSigningKey(previousKey, 'audit.checkpoints.previousKey');
  if (previous.public === before) return previous;
  throw new Error(
    'audit.checkpoints.previousKey is not the key that signed the checkpoints of this log; ' +
      `name the one whose public key is ${before}`,
  );
}
