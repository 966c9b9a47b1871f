import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AuditLog, openAudit, type Surroundings } from '../../src/audit/audit.ts';
import { type AuditConfig, auditSection } from '../../src/audit/config.ts';
import { type FileOperations, systemFiles } from '../../src/audit/files.ts';
import type { Audited, Outcome } from '../../src/audit/trail.ts';
import type { Intent, Need, Operation } from '../../src/catalog/operation.ts';
import type { Identity } from '../../src/identity/identity.ts';
import type { Grants } from '../../src/policy/decision.ts';
import { authorise, type Permit } from '../../src/policy/permit.ts';
import type { Peer } from '../../src/tls/peer.ts';

/** A line of the log, as a reader of it gets it. */
export type Line = Record<string, unknown> & {
  readonly seq: number;
  readonly kind: string;
  readonly prev: string;
};

export const peer: Peer = {
  address: '10.0.0.7',
  port: 51034,
  version: 'TLSv1.3',
  serverName: null,
  certificate: null,
  client: null,
};

export function identity(over: Partial<Identity> = {}): Identity {
  return Object.freeze({
    kind: 'key',
    id: 'k7Q2',
    name: 'rag-service',
    roles: ['search'],
    claims: {},
    labels: { app: 'rag' },
    expires: null,
    ...over,
  });
}

export function operation(over: Partial<Operation> = {}): Operation {
  return {
    name: 'points.query',
    action: 'read',
    event: 'data.query',
    http: [],
    grpc: [],
    everything: false,
    changes: false,
    renames: false,
    denial: () => 'Forbidden',
    ...over,
  };
}

export const reading = operation();
export const changing = operation({
  name: 'points.upsert',
  action: 'write',
  event: 'data.upsert',
  changes: true,
});

export function needs(of: Operation, ...names: string[]): Need[] {
  return names.map((named) => ({
    operation: of,
    action: of.action,
    collection: { named, resolved: named },
    database: null,
  }));
}

const grants: Grants = {
  decide: () => ({ effect: 'allow', rule: 'policies/search.yaml:3' }),
  mayList: () => true,
  mayListDatabase: () => true,
};

export function permit(of: Operation = reading, who = identity(), needed = needs(of, 'products')) {
  const request = { method: 'POST', target: '/', fields: [], body: null };
  const intent = { operation: of, needs: needed, request } as unknown as Intent;
  return authorise(who, grants, intent) satisfies Permit;
}

let exchanges = 0;

export function exchange(over: Partial<Audited> = {}): Audited {
  return { id: `r${++exchanges}`, protocol: 'grpc', peer, ...over };
}

export const outcome: Outcome = {
  status: 0,
  durationMs: 1.9,
  points: { in: 0, out: 10 },
  bytes: { in: 3210, out: 4096 },
  attempts: 1,
};

export function config(over: Partial<AuditConfig> = {}): AuditConfig {
  return { ...auditSection.parse({}), directory: directory(), ...over };
}

/** A directory of this test's own. */
export function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'vectorgate-audit-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A second that passes when the test says so. */
export function seconds() {
  let ticks: (() => void)[] = [];
  return {
    eachSecond: (tick: () => void) => {
      ticks.push(tick);
      return () => {
        ticks = ticks.filter((known) => known !== tick);
      };
    },
    pass: () => {
      for (const tick of [...ticks]) tick();
    },
  };
}

/** A disk that answers at once, for tests of many logs. */
export const swiftFiles: FileOperations = {
  ...systemFiles,
  datasync: (_, done) => void setImmediate(done, null),
  syncDirectory: (_, done) => void setImmediate(done, null),
  syncPath: () => {},
};

/** An open log, closed when the test ends. */
export async function opened(
  of: AuditConfig,
  around: Partial<Surroundings> = {},
): Promise<AuditLog> {
  const log = await openAudit(of, { eachSecond: () => () => {}, ...around });
  onTestFinished(() => log.close().catch(() => {}));
  return log;
}

export function digest(): string {
  return 'sha256:p';
}

/** Every line in a directory, in order. */
export function lines(of: AuditConfig): Line[] {
  return segmentFiles(of)
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** The paths of the segments, in order. */
export function segmentFiles(of: AuditConfig): string[] {
  const number = (name: string) => Number(/-(\d+)\./.exec(name)?.[1]);
  return readdirSync(of.directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort((a, b) => number(a) - number(b))
    .map((name) => join(of.directory, name));
}
