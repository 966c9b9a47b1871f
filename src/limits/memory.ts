import { totalmem } from 'node:os';

/** The memory this process may use, in bytes: what its control group allows (cgroup v1 and v2), or
 * what the machine has, whichever is less. */
export function availableMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}
