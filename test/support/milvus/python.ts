import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** A Python environment with a real Milvus in it. */
export interface MilvusPython {
  readonly python: string;
  /** The commands `milvus-server` and `milvus-lite`. */
  readonly server: string;
  readonly lite: string;
  /** `milvus 2.3.5, milvus-lite 3.2.2, pymilvus 3.0.2` */
  readonly versions: string;
}

const asks =
  'import importlib.metadata as m; ' +
  'print(", ".join(f"{n} {m.version(n)}" for n in ("milvus", "milvus-lite", "pymilvus")))';

/** What `VECTORGATE_TEST_MILVUS_PYTHON` names; null where it names nothing. Throws where that lacks
 * `milvus`, `milvus-lite` or `pymilvus`. */
export function findMilvusPython(): MilvusPython | null {
  const python = process.env['VECTORGATE_TEST_MILVUS_PYTHON'];
  if (!python) return null;
  const { status, stdout, stderr } = spawnSync(python, ['-c', asks], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`VECTORGATE_TEST_MILVUS_PYTHON, ${python}, has no Milvus: ${stderr ?? ''}`);
  }
  const beside = (name: string) => join(dirname(python), name);
  const [server, lite] = [beside('milvus-server'), beside('milvus-lite')];
  return { python, server, lite, versions: stdout.trim() };
}
