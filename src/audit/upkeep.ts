import { rm } from 'node:fs/promises';
import { compressSegment } from './compress.ts';
import type { AuditConfig } from './config.ts';
import { type Deletable, deletable, type Retention, shippedMark } from './retention.ts';
import { type Segment, segmentsIn } from './segment.ts';
import { bytesOf, type Space, spaceOf } from './space.ts';

/** What the upkeep of a log is told, and tells. */
export interface UpkeepOptions {
  readonly writer: string;
  /** Bytes that the volume of a directory still takes. */
  readonly volumeFree: (directory: string) => Promise<number>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Segments of lower numbers are whole and on the disk; 0: none is known to be. */
  readonly sealedBefore: () => number;
  /** Settles once it is on the disk that a segment goes. */
  readonly recordDeletion: (deletion: Deletable) => Promise<void>;
  /** Told when the level of space changes, and when upkeep fails. */
  readonly noticed: Noticed;
}

/** Hears what an operator should know; `wrong`: somebody should look. */
export type Noticed = (notice: string, wrong: boolean, detail: Record<string, unknown>) => void;

/** Watches the room of a log, compresses what is sealed, deletes what may go. */
export interface Upkeep {
  readonly space: Space;
  /** Looks how much room there is, and does no more. Never rejects. */
  look(): Promise<void>;
  /** To be called each second; resolves when what it began is done. Never rejects. */
  tick(): Promise<void>;
  /** Begins nothing more; resolves when what is under way is done. */
  close(): Promise<void>;
}

/** Less than this is not worth a compressed file. */
const compressedAtLeast = 1024 * 1024;
const tidyEveryMs = 60_000;

/** The upkeep of one writer's log. */
export function upkeepOf(config: AuditConfig, options: UpkeepOptions): Upkeep {
  const { directory } = config;
  let space = spaceOf(0, config.budget ?? null, Number.POSITIVE_INFINITY);
  let running: Promise<void> | null = null;
  const stopping = new AbortController();
  const { signal } = stopping;
  let lastFailure: string | null = null;
  let tidied = { before: 0, at: Number.NEGATIVE_INFINITY };

  /** Only where there is a reason: a directory of many segments takes a while to look through. */
  async function tidyWhereDue(): Promise<void> {
    const [before, at] = [options.sealedBefore(), options.now()];
    if (before === tidied.before && Math.abs(at - tidied.at) < tidyEveryMs) return;
    tidied = { before, at };
    if (await tidy(config, options, signal)) await measure();
  }

  async function measure(): Promise<void> {
    const [bytes, free] = await Promise.all([bytesOf(directory), options.volumeFree(directory)]);
    const before = space.level;
    space = spaceOf(bytes, config.budget ?? null, free);
    if (space.level === before) return;
    const { level, limit } = space;
    options.noticed('audit space', level !== 'enough', { directory, level, bytes, limit });
  }

  async function attempt(...steps: readonly (() => Promise<void>)[]): Promise<void> {
    try {
      for (const step of steps) await step();
      lastFailure = null;
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== lastFailure) options.noticed('audit upkeep', true, { directory, reason });
      lastFailure = reason;
    }
  }

  return {
    get space() {
      return space;
    },
    look: () => attempt(measure),
    tick: () => {
      if (signal.aborted) return Promise.resolve();
      running ??= attempt(measure, tidyWhereDue).finally(() => {
        running = null;
      });
      return running;
    },
    close: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Whether anything was compressed or deleted. */
async function tidy(
  config: AuditConfig,
  options: UpkeepOptions,
  signal: AbortSignal,
): Promise<boolean> {
  let done = false;
  while (!signal.aborted && (await deleteOldest(config, options))) done = true;
  while (!signal.aborted && (await compressNext(config, options, signal))) done = true;
  return done;
}

async function deleteOldest(config: AuditConfig, options: UpkeepOptions): Promise<boolean> {
  const retention = retentionOf(config);
  if (retention.age === null && retention.size === null) return false;
  const own = segmentsIn(config.directory, options.writer);
  const found = deletable(own, options.sealedBefore(), retention, options.now());
  if (!found) return false;
  await options.recordDeletion(found);
  const { segment } = found;
  const plain = segment.path.replace(/\.gz$/, '');
  for (const path of [plain, `${plain}.gz`, shippedMark(segment)]) await rm(path, { force: true });
  return true;
}

function retentionOf({ retention }: AuditConfig): Retention {
  const { age = null, size = null, shippedOnly } = retention;
  return { age, size, shippedOnly };
}

async function compressNext(
  config: AuditConfig,
  options: UpkeepOptions,
  signal: AbortSignal,
): Promise<boolean> {
  if (!config.compress) return false;
  const before = options.sealedBefore();
  const next = segmentsIn(config.directory, options.writer).find(
    (segment) => segment.number < before && isWorthIt(segment),
  );
  if (!next) return false;
  await compressSegment(next.path, signal);
  return true;
}

function isWorthIt({ path, bytes }: Segment): boolean {
  return !path.endsWith('.gz') && bytes >= compressedAtLeast;
}
