import { spawnSync } from 'node:child_process';

/** A Python that has `qdrant-client`: its command and the client's version. */
export interface Python {
  readonly command: string;
  readonly version: string;
}

const asks = 'import importlib.metadata as m, qdrant_client; print(m.version("qdrant-client"))';

/** The Python that `VECTORGATE_TEST_PYTHON` names, else `python3`; null where it cannot import
 * `qdrant-client`. Throws where one that is named cannot. */
export function findPython(): Python | null {
  const named = process.env['VECTORGATE_TEST_PYTHON'];
  const command = named ?? 'python3';
  const { status, stdout, stderr } = spawnSync(command, ['-c', asks], { encoding: 'utf8' });
  if (status === 0) return { command, version: stdout.trim() };
  if (named !== undefined) {
    throw new Error(`VECTORGATE_TEST_PYTHON, ${named}, has no qdrant-client: ${stderr ?? ''}`);
  }
  return null;
}
