import { existsSync, readdirSync } from 'node:fs';
import { type Manifest, readManifest } from './manifest.ts';
import type { Bad } from './read-chain.ts';
import { type Known, type ReadLog, readLog } from './read-log.ts';
import { logIn, type Segment, segmentsIn } from './segment.ts';

/** What verifying came to. */
export interface Verified {
  readonly ok: boolean;
  readonly records: number;
  readonly segments: number;
  /** The first record that is not what its writer wrote; null where all are. */
  readonly firstBad: FoundBad | null;
  /** Left out where there are none and no key was given. */
  readonly checkpoints?: VerifiedCheckpoints;
  /** Logs that were named, or of which a checkpoint is held, and that are not there. Left out where
   * nobody asked. */
  readonly missing?: readonly string[];
}

/** `directory` is left out where only one was asked for. */
export type FoundBad = Bad & { readonly directory?: string };

/** What the checkpoints came to. */
export interface VerifiedCheckpoints {
  readonly found: number;
  /** Whether they were held to keys that were given; else to the keys that they name. */
  readonly trusted: boolean;
  /** Records that no checkpoint covers yet. */
  readonly unsealed: number;
}

/** Logs that should be there. */
export interface Expected {
  readonly directory: string;
  /** `w1`; empty: whichever are there. */
  readonly writers: readonly string[];
}

const nothingKnown: Known = { notes: [], trusted: null };

/**
 * Verifies every writer's log in a directory, offline, in memory that does not grow with it. Throws
 * `Error` for people where there is none, else the file system's error.
 */
export function verify(directory: string, known: Known = nothingKnown): Verified {
  logIn(directory);
  return verdict([found(directory, known)], [], known);
}

/** Verifies the logs of many gateways, and names those that are missing. Throws the file system's
 * error. */
export function verifyFleet(fleet: readonly Expected[], known: Known = nothingKnown): Verified {
  const missing: string[] = [];
  const all = fleet.map(({ directory, writers }): Found => {
    const there = existsSync(directory);
    const logs = there ? found(directory, known) : nothing;
    const wanted = writers.filter((writer) => !logs.logs.has(writer));
    missing.push(...wanted.map((writer) => `${directory}/${writer}`));
    if (writers.length === 0 && logs.logs.size === 0) missing.push(directory);
    return { ...logs, directory };
  });
  return verdict(all, missing, known);
}

const nothing: Found = { segments: 0, logs: new Map() };

interface Found {
  readonly directory?: string;
  readonly segments: number;
  readonly logs: ReadonlyMap<string, ReadLog>;
}

function found(directory: string, known: Known): Found {
  // Before the segments are listed: a writer at work makes a segment first and lists it then.
  const manifests = manifestsIn(directory);
  const segments = segmentsIn(directory);
  const byWriter = Map.groupBy(segments, (segment: Segment) => segment.writer);
  const writers = new Set([...byWriter.keys(), ...manifests.keys()]);
  const logs = [...writers].map((writer): [string, ReadLog] => {
    const own = byWriter.get(writer) ?? [];
    return [writer, readLog(writer, own, manifests.get(writer) ?? null, known)];
  });
  return { segments: segments.length, logs: new Map(logs) };
}

function manifestsIn(directory: string): Map<string, Manifest> {
  const manifests = new Map<string, Manifest>();
  for (const name of readdirSync(directory)) {
    const [, writer] = /^(w\d+)\.manifest\.json$/.exec(name) ?? [];
    const manifest = writer === undefined ? null : readManifest(directory, writer);
    if (manifest) manifests.set(manifest.writer, manifest);
  }
  return manifests;
}

function verdict(all: readonly Found[], absent: readonly string[], known: Known): Verified {
  const logs = all.flatMap((one) => [...one.logs.values()]);
  const bads = all.flatMap(({ directory, logs: own }) =>
    [...own.values()].flatMap(({ bad }) => (bad ? [directory ? { directory, ...bad } : bad] : [])),
  );
  const [firstBad = null] = bads;
  const ours = new Set(logs.flatMap(({ notes }) => notes));
  const orphans = known.notes.filter((note) => !ours.has(note)).map(({ origin }) => origin);
  const missing = [...new Set([...absent, ...orphans])];
  const asked = known.notes.length > 0 || all.some(({ directory }) => directory !== undefined);
  const checkpoints = checkpointsIn(logs, known);
  return {
    ok: firstBad === null && missing.length === 0,
    records: logs.reduce((sum, { chain }) => sum + chain.records, 0),
    segments: all.reduce((sum, { segments }) => sum + segments, 0),
    firstBad,
    ...(checkpoints ? { checkpoints } : {}),
    ...(asked ? { missing } : {}),
  };
}

function checkpointsIn(logs: readonly ReadLog[], known: Known): VerifiedCheckpoints | null {
  const found = logs.reduce((sum, { seals }) => sum + seals.seen, 0);
  const trusted = known.trusted !== null;
  if (found === 0 && !trusted) return null;
  const unsealed = logs.reduce(
    (sum, { chain, seals }) => sum + (seals.seen > 0 ? chain.seq - seals.covered - 1 : chain.seq),
    0,
  );
  return { found, trusted, unsealed };
}
