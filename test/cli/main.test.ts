import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openHealth } from '../../src/admin/health.ts';
import { createMetrics } from '../../src/admin/metrics.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { loadVerb, verbNames } from '../../src/cli/verbs.ts';
import { stateWith } from '../admin/state.ts';
import { configFolder, goodConfig } from '../config/folder.ts';

async function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(args, {
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The good configuration with its values in place of its references. */
const plainConfig = goodConfig
  .replace(/\$\{QDRANT_KEY\}/, 'qdrant-key-of-the-gateway')
  .replace(/\$\{ADMIN_TOKEN\}/, 'admin-token-0123456789');

const cliText = (name: string) => readFileSync(join('src/cli', name), 'utf8');

describe('vectorgate', () => {
  it('tells its commands on --help, and that it needs one without', async () => {
    const asked = await run('--help');
    expect(asked.code).toBe(0);
    for (const name of verbNames) expect(asked.out).toContain(`  ${name} `);
    const bare = await run();
    expect([bare.code, bare.out, bare.err]).toEqual([2, '', asked.out]);
  });

  it('tells its version', async () => {
    const { code, out } = await run('--version');
    expect([code, out]).toEqual([0, expect.stringMatching(/^vectorgate \d+\.\d+\.\d+, Node \d+/)]);
  });

  it('tells the commands of a group', async () => {
    const { code, out } = await run('keys', '--help');
    expect(code).toBe(0);
    expect(out).toContain('keys create');
    expect(out).not.toContain('serve');
    expect((await run('keys')).code).toBe(2);
  });

  it.each([
    [['chek'], 'check'],
    [['sreve', '--config', 'a.yaml'], 'serve'],
    [['keys', 'crate', '--name', 'a'], 'keys create'],
    [['key', 'list'], 'keys list'],
    [['catalogue', 'list'], 'catalog list'],
  ])('suggests a command for %s', async (args, meant) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(`did you mean ${meant}?`);
  });

  it('suggests nothing for what is near nothing', async () => {
    const { code, err } = await run('frobnicate');
    expect([code, err]).toEqual([2, expect.stringMatching(/no command frobnicate; see .*--help/)]);
  });

  it.each(['__proto__', 'constructor', '../verb', 'verbs', 'keys-create'])(
    'takes %s for no command',
    async (name) => {
      expect((await run(name)).code).toBe(2);
    },
  );

  it('has a file for each command, named as the command is, and no command in another', async () => {
    const files = readdirSync('src/cli').filter((name) => /\bverb: Verb = /.test(cliText(name)));
    const named = verbNames.map((name) => `${name.replace(' ', '-')}.ts`);
    expect(files.sort()).toEqual(named.sort());
    for (const name of verbNames) expect((await loadVerb(name)).name).toBe(name);
  });

  it.each(verbNames)('%s explains itself, every option included', async (name) => {
    const verb = await loadVerb(name);
    const { code, out } = await run(...name.split(' '), '--help');
    expect(code).toBe(0);
    expect(out).toContain(verb.summary);
    expect(out).toContain(`Usage: vectorgate ${name}`);
    for (const option of [...Object.keys(verb.options), 'json', 'help']) {
      expect(out).toContain(`--${option}`);
    }
  });

  it.each(verbNames)('%s refuses an option that it does not know', async (name) => {
    const { code, err } = await run(...name.split(' '), '--frobnicate');
    expect([code, err]).toEqual([2, expect.stringContaining('--frobnicate')]);
  });
});

describe('bad usage', () => {
  it.each([
    ['an unknown command', ['frobnicate']],
    ['a stray word', ['check', 'other.yaml']],
    ['an unknown option', ['check', '--frobnicate']],
    ['a key without a name', ['keys', 'create', '--role', 'a']],
    ['no key to revoke', ['keys', 'revoke']],
    ['a span of no unit', ['keys', 'rotate', 'k1', '--grace', '7']],
    ['an unknown database', ['catalog', 'list', '--database', 'oracle']],
    ['an unknown decision', ['audit', 'tail', '--once', '--decision', 'denied']],
    ['no time', ['audit', 'export', '--from', 'soon']],
    ['no number', ['audit', 'tail', '--lines', 'all']],
    ['no new policies', ['policy', 'diff']],
    ['an unknown level', ['serve', '--log-level', 'loud']],
    ['no port', ['doctor', '--outside', 'db']],
  ])('exits 2 on %s, for people and for machines', async (_what, args) => {
    const told = await run(...args);
    expect([told.code, told.out, told.err]).toEqual([
      2,
      '',
      expect.stringMatching(/^vectorgate: /),
    ]);
    const { code, out, err } = await run(...args, '--json');
    const error = told.err.slice('vectorgate: '.length);
    expect([code, JSON.parse(out), err]).toEqual([2, { ok: false, error }, '']);
  });

  it('names the option that is unknown and where to look, without advice on parsing', async () => {
    const { err } = await run('keys', 'list', '--path', 'k.yaml');
    expect(err).toBe("vectorgate: Unknown option '--path'; see vectorgate keys list --help");
  });
});

/** A folder with a configuration and everything it names, good enough to serve. */
async function servableFolder(config: string): Promise<string> {
  const folder = configFolder({ 'vectorgate.yaml': config });
  await run('certs', 'dev', '--out', join(folder, 'certs'), '--force');
  const keys = join(folder, 'keys.yaml');
  await run('keys', 'create', '--name', 'a', '--role', 'search', '--keys', keys);
  return folder;
}

describe('vectorgate check', () => {
  it('takes no file but by --config, so that none is passed over in silence', async () => {
    const { code, err } = await run('check', 'other.yaml');
    expect([code, err]).toEqual([2, expect.stringContaining('takes no other.yaml')]);
  });

  it('finds a good configuration good', async () => {
    const file = join(await servableFolder(plainConfig), 'vectorgate.yaml');
    expect(await run('check', '--config', file)).toEqual({
      code: 0,
      out: `${file} is good`,
      err: '',
    });
    const { code, out } = await run('check', '--config', file, '--json');
    const good = { ok: true, problems: [], warnings: [], unfetched: [] };
    expect([code, JSON.parse(out)]).toEqual([0, good]);
  });

  it('tells everything that is wrong, each on a line of its own', async () => {
    const file = join(configFolder(), 'vectorgate.yaml');
    writeFileSync(
      file,
      plainConfig.replace('TLSv1.3', 'SSLv3').replace('version: 1', 'version: 9'),
    );
    const { code, out, err } = await run('check', '--config', file);
    expect([code, out]).toEqual([2, '']);
    expect(err.split('\n')).toEqual([
      `${file}:1 version: is a version this gateway does not read. Write version: 1.`,
      expect.stringContaining(`${file}:13 tls.minVersion: no such version. Use TLSv1.3`),
    ]);
  });

  it('finds what is wrong in the files it names', async () => {
    const folder = await servableFolder(plainConfig);
    writeFileSync(join(folder, 'policies', 'bad.yaml'), 'role: bad\nallow:\n  - collections: []\n');
    writeFileSync(join(folder, 'keys.yaml'), 'keys: 7\n', { mode: 0o600 });
    const file = join(folder, 'vectorgate.yaml');
    const { code, out } = await run('check', '--config', file, '--json');
    const { problems } = JSON.parse(out) as { problems: { file: string }[] };
    expect(code).toBe(2);
    expect(new Set(problems.map((problem) => problem.file))).toEqual(
      new Set([join(folder, 'policies', 'bad.yaml'), join(folder, 'keys.yaml')]),
    );
  });

  it('tells machines the same in one document', async () => {
    const { code, out, err } = await run('check', '--config', '/nowhere.yaml', '--json');
    expect([code, err]).toEqual([2, '']);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      problems: [{ file: '/nowhere.yaml', line: null, path: '' }],
    });
  });

  it('warns of what is less safe, and calls it good', async () => {
    const changed = plainConfig.replace('TLSv1.3', 'TLSv1.2');
    const file = join(await servableFolder(changed), 'vectorgate.yaml');
    const { code, err } = await run('check', '--config', file);
    expect([code, err]).toEqual([0, expect.stringMatching(/^warning: .*:13 tls\.minVersion: /)]);
  });
});

describe('vectorgate health', () => {
  async function healthPort(draining: boolean): Promise<string> {
    const state = stateWith({ draining });
    const listen = { host: '127.0.0.1', port: 0 };
    const port = await openHealth({ listen }, state, createMetrics(state), () => {});
    onTestFinished(() => port.close());
    return `127.0.0.1:${port.address.port}`;
  }

  it('asks the gateway beside it', async () => {
    const ready = await run('health', '--address', await healthPort(false));
    expect(ready).toEqual({ code: 0, out: 'ready', err: '' });
    const drains = await run('health', '--address', await healthPort(true), '--json');
    expect(drains).toEqual({ code: 1, out: '{"ready":false}', err: '' });
  });

  it('says not ready where nothing answers', async () => {
    const { code, out, err } = await run('health', '--address', '127.0.0.1:1');
    expect([code, out, err]).toEqual([1, 'not ready', 'nothing answers at 127.0.0.1:1']);
  });

  it('says what is no address', async () => {
    const { code, err } = await run('health', '--address', 'no where');
    expect([code, err]).toEqual([2, expect.stringContaining('write 127.0.0.1:9634')]);
  });
});

describe('the process', () => {
  it('ends with the exit code, and says on stderr what is for people', async () => {
    const child = spawn(process.execPath, ['bin/vectorgate.js', 'chek']);
    const [out, err, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise((resolve) => child.once('exit', resolve)),
    ]);
    expect([out, err, code]).toEqual(['', expect.stringContaining('did you mean check?'), 2]);
  });
});
