import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keysOfFile } from '../../src/gateway/key-source.ts';
import { addKey } from '../../src/identity/keys/change.ts';
import { mintKey } from '../../src/identity/keys/mint.ts';

it('keeps the last use of a key that another process saw later, and of no key that is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vectorgate-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'keys.yaml');
  const [a, b] = ['a', 'b'].map((name) => mintKey({ name, roles: ['reader'] }, Date.now()).entry);
  if (!a || !b) throw new TypeError('no keys');
  await addKey(path, a);
  await addKey(path, b);
  const [one, other] = [keysOfFile(path), keysOfFile(path)];
  for (const source of [one, other]) source.load();
  await one.write(
    new Map([
      [a.id, 2000],
      ['gone', 1000],
    ]),
  );
  await other.write(
    new Map([
      [a.id, 1000],
      [b.id, 3000],
    ]),
  );
  expect([...keysOfFile(path).used]).toEqual([
    [a.id, 2000],
    [b.id, 3000],
  ]);
});
