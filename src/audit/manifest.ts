import { readFileSync } from 'node:fs';
import { open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isFileError } from '../secret-file.ts';
import type { Listed } from './ledger.ts';
import { segmentNumber } from './segment.ts';

const seq = z.int().nonnegative();
const link = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.object({
  v: z.literal(1),
  writer: z.string(),
  key: z.string().nullable(),
  segments: z.array(
    z.object({
      name: z.string(),
      firstSeq: seq,
      prev: link,
      sealed: z.object({ lastSeq: seq, hash: link, bytes: seq }).nullable(),
      open: z.array(z.string()).nullable().default(null),
    }),
  ),
});

/** The segments of one writer, as it lists them itself; it may lack those of the last second. */
export interface Manifest {
  readonly writer: string;
  /** The public key of its last checkpoint, in base64; null where none was signed. */
  readonly key: string | null;
  readonly segments: readonly Listed[];
}

/** `w1.manifest.json` */
function manifestName(writer: string): string {
  return `${writer}.manifest.json`;
}

/** Reads the manifest of a writer; null where there is none. Throws `Error` for people where it is
 * none of that writer's. */
export function readManifest(directory: string, writer: string): Manifest | null {
  const name = manifestName(writer);
  let text: string;
  try {
    text = readFileSync(join(directory, name), 'utf8');
  } catch (error) {
    if (isFileError(error, 'ENOENT')) return null;
    throw error;
  }
  const { data } = schema.safeParse(jsonIn(text));
  if (data?.writer === writer) return data;
  throw new Error(`${name} is no manifest of ${writer}`);
}

/** Puts a manifest in the place of the one before, whole and on the disk. Lists no segment that is
 * older than all that are there: those were deleted. Rejects with the file system's error. */
export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const { writer, key } = manifest;
  const path = join(directory, manifestName(writer));
  const numbers = (await readdir(directory))
    .filter((name) => name.startsWith(`${writer}-`))
    .map((name) => segmentNumber(name.replace(/\.gz$/, '')))
    .filter((number) => number > 0);
  const oldest = numbers.reduce((least, number) => Math.min(least, number), Number.MAX_VALUE);
  const segments = manifest.segments.filter(({ name }) => segmentNumber(name) >= oldest);
  const lines = segments.map((listed) => `  ${JSON.stringify(listed)}`).join(',\n');
  const head = JSON.stringify({ v: 1, writer, key }).slice(0, -1);
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(`${head},"segments":[\n${lines}\n]}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  const names = await open(directory, 'r');
  await names.sync().finally(() => names.close());
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
