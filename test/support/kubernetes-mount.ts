import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder as Kubernetes mounts a Secret: each file leads through the one link `..data`. */
export interface KubernetesMount {
  /** The path of a file in it. */
  path(name: string): string;
  /** Puts all files in place of the old ones at once, by swapping the link. */
  swap(files: Readonly<Record<string, string>>): void;
  close(): void;
}

/** Mounts these files. */
export function kubernetesMount(files: Readonly<Record<string, string>>): KubernetesMount {
  const folder = mkdtempSync(join(tmpdir(), 'vectorgate-mount-'));
  let version = 0;
  const write = (all: Readonly<Record<string, string>>): string => {
    const name = `..v${++version}`;
    mkdirSync(join(folder, name));
    for (const [file, text] of Object.entries(all)) {
      writeFileSync(join(folder, name, file), text, { mode: 0o600 });
    }
    return name;
  };
  let old = write(files);
  symlinkSync(old, join(folder, '..data'));
  for (const file of Object.keys(files)) symlinkSync(join('..data', file), join(folder, file));
  return {
    path: (name) => join(folder, name),
    swap: (next) => {
      const name = write(next);
      symlinkSync(name, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      rmSync(join(folder, old), { recursive: true });
      old = name;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
