import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import { config, opened, segmentFiles } from './scene.ts';

const manual = { eachSecond: () => () => {} };
const holder = join(import.meta.dirname, 'hold-log.ts');

/** Another process that holds the log of a directory. */
async function anotherGateway(directory: string) {
  const child = spawn(process.execPath, [holder, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  expect(line).toBe('open');
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the audit directory', () => {
  it('takes one gateway at a time, and is free once the other is dead', async () => {
    const of = config();
    const other = await anotherGateway(of.directory);
    await expect(openAudit(of, manual)).rejects.toThrow('another gateway writes to');
    await other.kill();
    const log = await opened(of);
    expect(log.status.ready).toBe(true);
  });

  it('takes one gateway of this process at a time, and is free once it closed', async () => {
    const of = config();
    const log = await openAudit(of, manual);
    await expect(openAudit(of, manual)).rejects.toThrow('another gateway writes to');
    await log.close();
    await (await openAudit(of, manual)).close();
  });

  it('is made where it is missing, and its files are for their owner alone', async () => {
    const of = config();
    const deep = { ...of, directory: join(of.directory, 'a', 'b') };
    await opened(deep);
    expect(statSync(deep.directory).mode & 0o777).toBe(0o700);
    expect(statSync(segmentFiles(deep)[0] ?? '').mode & 0o777).toBe(0o600);
  });

  it('that is a file is refused in a sentence that names it', async () => {
    const of = config();
    const file = join(of.directory, 'file');
    writeFileSync(file, '');
    await expect(openAudit({ ...of, directory: file })).rejects.toThrow(`${file} cannot be`);
    mkdirSync(dirname(file), { recursive: true });
  });
});
