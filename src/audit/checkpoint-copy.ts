import { open } from 'node:fs/promises';

/** How the copying of checkpoints to a second place does. */
export interface CopyStatus {
  /** How many records the last one that is there covers; 0 for none since the start. */
  readonly copied: number;
  /** Checkpoints that wait. */
  readonly waiting: number;
  readonly lastError: string | null;
}

/** Where checkpoints go besides: a file that they are appended to, or a URL that takes a POST. */
export type CopyTarget = string | { readonly url: string; readonly token: string | null };

/** Copies notes to a second place, in order, off the event loop's path. */
export interface CheckpointCopy {
  readonly status: CopyStatus;
  send(note: string, size: number): void;
  /** To be called each second: tries again what failed, later and later up to a minute. */
  tick(): void;
  /** Tries what waits a last time. Never rejects. */
  close(): Promise<void>;
}

const waitingAtMost = 1000;
const longestPause = 60;
const patienceMs = 5000;

/** A copier to a target. `failed` hears of a failure once, until a copy succeeds again. */
export function checkpointCopy(
  target: CopyTarget,
  failed: (reason: string) => void,
): CheckpointCopy {
  const waiting: { readonly note: string; readonly size: number }[] = [];
  let copied = 0;
  let lastError: string | null = null;
  let pause = 0;
  let ticksLeft = 0;
  let running: Promise<void> | null = null;

  async function copyAll(): Promise<void> {
    for (let next = waiting[0]; next; next = waiting[0]) {
      try {
        await put(target, next.note);
      } catch (error) {
        const reason = causeOf(error);
        if (lastError === null) failed(reason);
        lastError = reason;
        pause = Math.min(longestPause, pause * 2 + 1);
        ticksLeft = pause;
        return;
      }
      copied = next.size;
      lastError = null;
      pause = 0;
      if (waiting[0] === next) waiting.shift();
    }
  }
  const begin = () => {
    running ??= copyAll().finally(() => {
      running = null;
    });
    return running;
  };
  return {
    get status() {
      return { copied, waiting: waiting.length, lastError };
    },
    send: (note, size) => {
      waiting.push({ note, size });
      // A later checkpoint covers what an earlier one does.
      if (waiting.length > waitingAtMost) waiting.shift();
      if (lastError === null) void begin();
    },
    tick: () => {
      if (waiting.length > 0 && --ticksLeft <= 0) void begin();
    },
    close: async () => {
      await running;
      if (waiting.length > 0) await begin();
    },
  };
}

function put(target: CopyTarget, note: string): Promise<void> {
  return typeof target === 'string' ? append(target, note) : post(target.url, target.token, note);
}

async function append(path: string, note: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    const { size } = await file.stat();
    await file.writeFile(size > 0 ? `\n${note}` : note);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function post(url: string, token: string | null, note: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body: note,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
