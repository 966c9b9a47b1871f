import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openAudit } from '../../src/audit/audit.ts';
import { verify } from '../../src/audit/verify.ts';
import { config, directory, lines } from './scene.ts';

const rounds = Number(process.env['VECTORGATE_CRASH_ROUNDS'] ?? 6);
const load = join(import.meta.dirname, 'crash-load.ts');

/** Kills a gateway under load once it has served so many requests. */
async function killedAfter(requests: number, folder: string, round: number): Promise<void> {
  const child = spawn(process.execPath, [load, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let served = 0;
  for await (const dots of child.stdout as AsyncIterable<Buffer>) {
    served += dots.length;
    if (served >= requests && !child.killed) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
}

function ids(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function without(some: readonly string[], known: readonly string[]): string[] {
  const all = new Set(known);
  return some.filter((id) => !all.has(id));
}

it(
  'a gateway killed at any moment has an intent for all that was sent, and an end for each intent',
  async () => {
    const folder = directory();
    const of = config({ directory: join(folder, 'audit') });
    for (let round = 0; round < rounds; round++) {
      await killedAfter(1 + ((round * 7919) % 400), folder, round);
    }
    await (await openAudit(of)).close();
    expect(verify(of.directory)).toMatchObject({ ok: true, firstBad: null });
    const all = lines(of);
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
    const requests = (...kinds: string[]) =>
      all.filter(({ kind }) => kinds.includes(kind)).map(({ request }) => String(request));
    const intents = requests('intent');
    expect(new Set(intents).size).toBe(intents.length);
    expect(without(ids(`${folder}/seen`), intents)).toEqual([]);
    expect(requests('outcome', 'indeterminate').toSorted()).toEqual(intents.toSorted());
    expect(without(ids(`${folder}/told`), requests('outcome'))).toEqual([]);
  },
  120_000 + rounds * 5_000,
);
