import { type FileOperations, systemFiles } from '../../src/audit/files.ts';

type Call = 'create' | 'write' | 'datasync' | 'syncDirectory' | 'stands' | 'truncate';

/** File operations that fail when the test says so, and tell what was asked of them. */
export interface FallibleFiles extends FileOperations {
  /** Every next call of this kind fails with this code, until `mend`. */
  fail(call: Call, code: string): void;
  /** The kernel takes at most this many bytes of a write. */
  takeAtMost(bytes: number): void;
  /** Syncs do not answer before `release`. */
  holdSyncs(): void;
  release(): void;
  /** Lets one sync answer. */
  releaseOne(): void;
  mend(): void;
  readonly calls: readonly (readonly [Call, number | string])[];
}

export function fallibleFiles(): FallibleFiles {
  const failing = new Map<Call, string>();
  const calls: [Call, number | string][] = [];
  const held: (() => void)[] = [];
  let holding = false;
  let most = Number.POSITIVE_INFINITY;
  const meets = (call: Call, on: number | string): Error | null => {
    calls.push([call, on]);
    const code = failing.get(call);
    return code ? Object.assign(new Error(`${code}: ${call}`), { code }) : null;
  };
  const tried = (call: Call, on: number | string) => {
    const error = meets(call, on);
    if (error) throw error;
  };
  return {
    ...systemFiles,
    calls,
    fail: (call, code) => void failing.set(call, code),
    takeAtMost: (bytes) => {
      most = bytes;
    },
    holdSyncs: () => {
      holding = true;
    },
    release: () => {
      holding = false;
      for (const answer of held.splice(0)) answer();
    },
    releaseOne: () => held.shift()?.(),
    mend: () => {
      failing.clear();
      most = Number.POSITIVE_INFINITY;
    },
    create: (path) => {
      tried('create', path);
      return systemFiles.create(path);
    },
    write: (file, bytes, offset, length) => {
      const taken = Math.min(length, most);
      if (failing.has('write') && length > taken) {
        most = 0;
        return systemFiles.write(file, bytes, offset, taken);
      }
      tried('write', file);
      return systemFiles.write(file, bytes, offset, taken);
    },
    datasync: (file, done) => {
      const error = meets('datasync', file);
      const go = () => (error ? done(error) : systemFiles.datasync(file, done));
      if (holding) held.push(go);
      else if (error) setImmediate(go);
      else go();
    },
    syncDirectory: (directory, done) => {
      const error = meets('syncDirectory', directory);
      if (error) setImmediate(() => done(error));
      else systemFiles.syncDirectory(directory, done);
    },
    stands: (file, path) => {
      tried('stands', path);
      return systemFiles.stands(file, path);
    },
    truncate: (path, bytes) => {
      tried('truncate', path);
      systemFiles.truncate(path, bytes);
    },
  };
}
