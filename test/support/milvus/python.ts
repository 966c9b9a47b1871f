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

/** A Python environment with the stores of frameworks in it, which want an older pymilvus. */
export interface StoresPython {
  readonly python: string;
  /** `langchain-milvus 0.3.3, llama-index-vector-stores-milvus 1.2.0, pymilvus 2.6.17` */
  readonly versions: string;
}

const servers = ['milvus', 'milvus-lite', 'pymilvus'];
const stores = ['langchain-milvus', 'llama-index-vector-stores-milvus', 'pymilvus'];

/** What `VECTORGATE_TEST_MILVUS_PYTHON` names; null where it names nothing. Throws where that lacks
 * `milvus`, `milvus-lite` or `pymilvus`. */
export function findMilvusPython(): MilvusPython | null {
  const found = find('VECTORGATE_TEST_MILVUS_PYTHON', servers);
  if (!found) return null;
  const beside = (name: string) => join(dirname(found.python), name);
  return { ...found, server: beside('milvus-server'), lite: beside('milvus-lite') };
}

/** What `VECTORGATE_TEST_MILVUS_STORES` names; null where it names nothing. Throws where that lacks
 * `langchain-milvus` or `llama-index-vector-stores-milvus`. */
export function findStores(): StoresPython | null {
  return find('VECTORGATE_TEST_MILVUS_STORES', stores);
}

function find(variable: string, packages: readonly string[]): StoresPython | null {
  const python = process.env[variable];
  if (!python) return null;
  const asks =
    'import importlib.metadata as m, sys; ' +
    'print(", ".join(f"{n} {m.version(n)}" for n in sys.argv[1:]))';
  const { status, stdout, stderr } = spawnSync(python, ['-c', asks, ...packages], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${variable}, ${python}, lacks a package: ${stderr ?? ''}`);
  return { python, versions: stdout.trim() };
}
