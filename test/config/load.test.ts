// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is the file's own spelling
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { type Loaded, loadConfig } from '../../src/config/load.ts';
import { Misconfigured, problemLine } from '../../src/problem.ts';
import { configFolder, goodConfig, goodEnvironment, scrapeToken } from './folder.ts';

function load(change: (text: string) => string, env = {}): Loaded & { folder: string } {
  const folder = configFolder({ 'vectorgate.yaml': change(goodConfig) });
  const file = join(folder, 'vectorgate.yaml');
  return { ...loadConfig(file, { ...goodEnvironment, ...env }), folder };
}

const asItIs = (text: string) => text;

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Misconfigured) return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('a good configuration', () => {
  it('is the file with its defaults, without a warning', () => {
    const { config, warnings } = load(asItIs);
    expect(warnings).toEqual([]);
    expect(config.tls).toMatchObject({ minVersion: 'TLSv1.3', clientCertificate: 'none' });
    expect(config.audit.unavailable).toEqual({ read: 'refuse', write: 'refuse' });
    expect(config.upstreams[0]?.listen.http).toEqual({ host: '0.0.0.0', port: 6333 });
  });

  it('needs neither an admin nor a health port', () => {
    const { config } = load((text) => text.slice(0, text.indexOf('admin:')));
    expect(config.admin).toBeUndefined();
    expect(config.health).toBeUndefined();
  });

  it('names its files as seen from its own folder, wherever the process stands', () => {
    const { config, folder } = load(asItIs);
    expect(config.tls.certificate).toBe(join(folder, 'certs/server.pem'));
    expect(config.tls.key).toBe(join(folder, 'certs/server-key.pem'));
    expect(config.identity.keys.path).toBe(join(folder, 'keys.yaml'));
    expect(config.audit.directory).toBe(join(folder, 'audit'));
    expect(config.upstreams[0]?.policies).toBe(join(folder, 'policies'));
  });

  it('keeps absolute paths', () => {
    const { config } = load((text) => text.replace('audit/', '/var/log/vectorgate'));
    expect(config.audit.directory).toBe('/var/log/vectorgate');
  });

  it('cannot be changed any more, at any depth', () => {
    const { config } = load(asItIs);
    const writable = config as unknown as { -readonly [K in keyof Config]: Config[K] };
    expect(() => {
      writable.version = 1;
    }).toThrow(TypeError);
    const upstream = config.upstreams[0] as { name: string };
    expect(() => {
      upstream.name = 'other';
    }).toThrow(TypeError);
    expect(Object.isFrozen(config.upstreams)).toBe(true);
    expect(Object.isFrozen(config.upstreams[0]?.listen.http)).toBe(true);
  });

  it('tells what is found later at the line that names it', () => {
    const { problemAt } = load(asItIs);
    expect(problemAt(['tls', 'key'], 'is of another certificate', 'Make a pair')).toMatchObject({
      line: 12,
      path: 'tls.key',
    });
  });
});

describe('references', () => {
  it('read environment variables and files, and lose one line end', () => {
    const { config } = load(asItIs);
    expect(config.upstreams[0]?.credential?.primary).toBe(goodEnvironment.QDRANT_KEY);
    expect(config.health?.metricsToken).toBe(scrapeToken);
  });

  it('lose only one line end', () => {
    const folder = configFolder({ 'scrape-token': `${scrapeToken}\n\n` });
    const act = () => loadConfig(join(folder, 'vectorgate.yaml'), goodEnvironment);
    expect(messageOf(act)).toContain('metricsToken: holds characters');
  });

  it('may be part of a text, several times', () => {
    const { config } = load(
      (text) => text.replace('directory: audit/', 'directory: /var/${APP}/${POD}'),
      { APP: 'gate', POD: 'p-1' },
    );
    expect(config.audit.directory).toBe('/var/gate/p-1');
  });

  it('are replaced once: what a variable holds is never a reference', () => {
    const { config } = load(asItIs, { QDRANT_KEY: 'a${ADMIN_TOKEN}b' });
    expect(config.upstreams[0]?.credential?.primary).toBe('a${ADMIN_TOKEN}b');
  });

  it('do not make YAML: what a variable holds stays one text', () => {
    const { config } = load(asItIs, { QDRANT_KEY: '[a, "b"]: {c}' });
    expect(config.upstreams[0]?.credential?.primary).toBe('[a, "b"]: {c}');
  });

  it('are not looked up among what every object inherits', () => {
    const act = () => load((text) => text.replace('${QDRANT_KEY}', '${constructor}'));
    expect(messageOf(act)).toContain('the environment variable is not set');
  });

  it('to an open file are refused', () => {
    const folder = configFolder();
    chmodSync(join(folder, 'scrape-token'), 0o644);
    const act = () => loadConfig(join(folder, 'vectorgate.yaml'), goodEnvironment);
    expect(messageOf(act)).toMatch(/metricsToken: .* open to every user\. chmod 600/);
  });

  it('to bytes that are no text are refused, and the bytes are not told', () => {
    const folder = configFolder();
    writeFileSync(
      join(folder, 'scrape-token'),
      Buffer.from('secret-\xff-secret-0123456', 'latin1'),
    );
    const act = () => loadConfig(join(folder, 'vectorgate.yaml'), goodEnvironment);
    expect(messageOf(act)).toContain('not UTF-8');
    expect(messageOf(act)).not.toContain('secret-');
  });

  it('in a file that refers to itself end in a problem, not in a full stack', () => {
    const act = () => load((text) => `${text}loop: &loop [*loop]\n`);
    expect(messageOf(act)).toContain('nested too deeply');
  });
});

describe('a substituted value', () => {
  const places = [
    ['http: http://127.0.0.1:16333', 'http: ${SECRET}'],
    ['http: 0.0.0.0:6333', 'http: "${SECRET}"'],
    ['version: 1', 'version: ${SECRET}'],
    ['name: main', 'name: ${SECRET}'],
    ['policies: policies/', 'policies: ${SECRET}'],
    ['certificate: certs/server.pem', 'certificate: ${SECRET}'],
    ['directory: audit/', 'unavailable: ${SECRET}'],
    ['combine: transport', 'combine: ${SECRET}'],
    ['${ADMIN_TOKEN}', '${SECRET}'],
  ] as const;

  it.each(places)('stands in no problem, with %s', (good, bad) => {
    const folder = configFolder({
      'vectorgate.yaml': goodConfig.replace(good, () => bad).replace('health:', 'healht:'),
    });
    const file = join(folder, 'vectorgate.yaml');
    const secrets = fc.string({ unit: 'grapheme-ascii', minLength: 4, maxLength: 40 });
    const telling = fc.constantFrom(
      'a; b',
      'pass; word; and',
      '$& $1 $$',
      'is no URL; Write it as',
    );
    fc.assert(
      fc.property(fc.oneof(secrets, telling), (secret) => {
        fc.pre(!/^[\s\0]*$/.test(secret) && !secret.includes('\0'));
        const told = messageOf(() => loadConfig(file, { ...goodEnvironment, SECRET: secret }));
        const plain = messageOf(() => loadConfig(file, { ...goodEnvironment, SECRET: '#0#0#' }));
        expect(plain.includes(secret) || !told.includes(secret)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('what is less safe than the default is reported', () => {
  const spelled = (change: (text: string) => string) =>
    load(change).warnings.map((warning) => problemLine(warning).replace(/^.*yaml:/, ''));

  it('TLS 1.2', () => {
    const warnings = spelled((text) => text.replace('TLSv1.3', 'TLSv1.2'));
    expect(warnings).toEqual([expect.stringMatching(/^13 tls\.minVersion: .*TLS 1\.2/)]);
  });

  it('operations that pass unrecorded', () => {
    const warnings = spelled((text) =>
      text.replace('directory: audit/', 'unavailable: { read: forward, write: forward }'),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^18 audit\.unavailable\.read: reads pass unrecorded/),
      expect.stringMatching(/^18 audit\.unavailable\.write: writes pass unrecorded/),
    ]);
  });

  it('a credential that crosses the network in the clear', () => {
    const warnings = spelled((text) =>
      text
        .replace('http: http://127.0.0.1:16333', 'http: http://qdrant:6333')
        .replace('    policies:', '    allowRemote: true\n    policies:'),
    );
    expect(warnings).toEqual([expect.stringMatching(/^5 .*http: requests and the credential/)]);
  });
});
