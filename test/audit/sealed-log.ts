import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAudit, type Surroundings } from '../../src/audit/audit.ts';
import { linkOf } from '../../src/audit/chain.ts';
import { noteText, signNote } from '../../src/audit/checkpoint.ts';
import { checkpointsSection } from '../../src/audit/checkpoints-config.ts';
import type { AuditConfig } from '../../src/audit/config.ts';
import {
  config,
  digest,
  directory,
  exchange,
  outcome,
  permit,
  seconds,
  swiftFiles,
} from './scene.ts';

/** A key pair, as files of a test would hold it. */
export interface Pair {
  readonly secret: KeyObject;
  /** PEM. */
  readonly pem: string;
  readonly publicPem: string;
  /** The 32 bytes, in base64. */
  readonly public: string;
}

export function pair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    secret: privateKey,
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    public: raw.toString('base64'),
  };
}

/** A configuration whose checkpoints this key signs and whose copies go to `copy` of its folder. */
export function signing(key: Pair, of: AuditConfig = config(), more: object = {}): AuditConfig {
  const checkpoints = checkpointsSection.parse({ key: key.pem, origin: 'gw', ...more });
  return { ...of, checkpoints };
}

/** A run that serves so many exchanges, with a checkpoint after each fifth. */
export async function run(
  of: AuditConfig,
  exchanges: number,
  around: Partial<Surroundings> = {},
): Promise<void> {
  const second = seconds();
  let now = 0;
  const clock = { wall: Date.now, monotonic: () => now };
  const log = await openAudit(of, {
    files: swiftFiles,
    segmentBytes: 4000,
    clock,
    ...second,
    ...around,
  });
  const audit = log.forUpstream('main', digest);
  for (let n = 0; n < exchanges; n++) {
    const trail = await audit.begin(exchange({ id: `r${n}` }), permit());
    trail.end(outcome);
    now += 12_000;
    second.pass();
    for (let turns = 0; turns < 6; turns++) await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
}

/** A copy of a log, to be tampered with. */
export function copyOf(of: AuditConfig): AuditConfig {
  const copy = { ...of, directory: directory() };
  cpSync(of.directory, copy.directory, { recursive: true });
  return copy;
}

/** Writes segments anew from the first on, linked and signed as its writer would have: all that an
 * intruder with a key can do. */
export function forge(
  paths: readonly string[],
  key: Pair,
  change: (line: string) => string | null,
): void {
  let seq = 0;
  let prev = '0'.repeat(64);
  for (const path of paths) {
    const forged = readFileSync(path, 'latin1')
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => {
        const changed = change(line);
        if (changed === null) return [];
        const record = { ...JSON.parse(changed), seq: ++seq, prev };
        const { kind, origin, time, segment, nextKey = null } = record;
        if (kind === 'checkpoint') {
          const text = noteText({ origin, size: seq - 1, hash: prev, time, segment, nextKey });
          record.key = key.public;
          record.signature = signNote(text, origin, key);
        }
        const whole = `${JSON.stringify(record)}\n`;
        prev = linkOf(Buffer.from(whole, 'latin1'));
        return [whole];
      });
    writeFileSync(path, forged.join(''), 'latin1');
  }
}

/** A file of this test's own. */
export function fileOf(text: string): string {
  const path = join(directory(), 'file');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
