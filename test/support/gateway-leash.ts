import { rmSync } from 'node:fs';

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
