import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Loaded before the gateway of a test: ends it, and takes its folder away, once the test's own process
 * is no more. A test that fails or is stopped half-way leaves nothing running. A worker ends with its parent by itself.
 */
if (!process.connected) {
  process.stdin.on('end', () => {
    const folder = process.env['VECTORGATE_TEST_FOLDER'];
    if (folder) rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
  process.stdin.resume();
  (process.stdin as unknown as { unref(): void }).unref();
}

/**
 * Started longer ago than it was: the clock is behind by as many milliseconds as are named until the file `started`
 * is in its folder. What a gateway refuses right after its start need not be waited for.
 */
const behind = Number(process.env['VECTORGATE_TEST_BEHIND'] ?? 0);
if (behind > 0) {
  const started = join(process.env['VECTORGATE_TEST_FOLDER'] ?? '', 'started');
  const { now } = Date;
  let left = behind;
  Date.now = () => {
    if (left > 0 && existsSync(started)) left = 0;
    return now() - left;
  };
}
