import { describe, expect, test } from 'vitest';
import { isAdminToken } from '../../src/admin/admin-token.ts';
import { adminSection } from '../../src/admin/config.ts';
import { tokenOf } from '../../src/admin/token.ts';
import { dispatch } from '../../src/cli/dispatch.ts';

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(['admin', 'token', ...args], {
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('admin token', () => {
  test.each([[['viewer']], [['operator', 'viewer']], [['key-manager']]])(
    'makes an entry that the configuration takes: %j',
    async (roles) => {
      const options = roles.flatMap((role) => ['--role', role]);
      const { code, out } = await run('--name', 'vera', ...options, '--json');
      expect(code).toBe(0);
      const { token, entry } = JSON.parse(out) as { token: string; entry: { token: string } };
      expect(isAdminToken(token)).toBe(true);
      expect(entry.token).toBe(`sha256:${tokenOf(token).digest.toString('hex')}`);
      expect(adminSection.parse({ administrators: [entry] }).administrators).toEqual([entry]);
    },
  );

  test('prints the token alone, and what is to be pasted beside it', async () => {
    const { out, err } = await run('--name', 'vera', '--role', 'viewer');
    expect(isAdminToken(out)).toBe(true);
    expect(err).toContain('name: vera');
    expect(err).not.toContain(out);
  });

  test.each([
    [['--role', 'viewer'], '--name'],
    [['--name', 'a b', '--role', 'viewer'], '--name'],
    [['--name', 'a'], '--role'],
    [['--name', 'a', '--role', 'admin'], 'key-manager'],
  ])('%j is refused', async (args, said) => {
    const { code, out, err } = await run(...args);
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(said)]);
  });
});
