import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A record of the audit log, as a reader of the files gets it. */
export interface AuditRecord {
  /** Of a denial and of failures: why. */
  readonly reason?: string;
  readonly writer: string;
  readonly kind: string;
  readonly seq: number;
  readonly event?: string;
  readonly request?: string;
  readonly principal?: {
    readonly kind: string;
    readonly name: string;
    readonly id: string;
    readonly roles?: readonly string[];
    readonly breakGlass?: true;
    readonly subject?: string;
  } | null;
  /** In `key.*`. */
  readonly by?: { readonly kind: string; readonly name?: string };
  readonly target?: string;
  readonly key?: { readonly id: string; readonly name: string };
  readonly protocol?: 'http' | 'grpc';
  readonly protocols?: readonly string[];
  readonly upstream?: string;
  readonly operation?: string | null;
  readonly collections?: readonly { readonly named: string; readonly resolved: string }[];
  readonly lowered?: readonly string[];
  readonly decision?: 'allow' | 'deny';
  readonly refusal?: string;
  readonly rule?: string | null;
  readonly status?: number | null;
  readonly points?: { readonly in: number; readonly out: number };
  readonly bytes?: { readonly in: number; readonly out: number };
  readonly attempts?: number;
  readonly failure?: string;
  readonly count?: number;
  /** In `limit.sweep`: whose count it is. */
  readonly holder?: string | null;
  readonly tls?: { readonly version: string; readonly certificate: string | null };
  readonly source?: { readonly address?: string; readonly prefix?: string };
}

/** Every whole record of a directory, in the order it was written. */
export function readAudit(directory: string): readonly AuditRecord[] {
  if (!existsSync(directory)) return [];
  const numbers = (name: string) => Number(/-(\d+)\.jsonl$/.exec(name)?.[1]);
  const segments = readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .sort((one, other) => numbers(one) - numbers(other));
  return segments.flatMap((name) => {
    const lines = readFileSync(join(directory, name), 'utf8').split('\n');
    // What stands after the last line end is still being written.
    return lines.slice(0, -1).map((line): AuditRecord => JSON.parse(line));
  });
}

/** One exchange as the log tells it: what was intended, and how it ended. */
export interface Told {
  readonly protocol: 'http' | 'grpc' | undefined;
  readonly operation: string | null | undefined;
  /** `live=products_v2`, or the one name where both are the same. */
  readonly collections: readonly string[];
  readonly status: number | null | undefined;
  readonly points: { readonly in: number; readonly out: number } | undefined;
}

/** How many records of each kind there are for each request. */
export function recordsPerRequest(records: readonly AuditRecord[]): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const { kind, request } of records) {
    if (request !== undefined) kinds.set(request, [...(kinds.get(request) ?? []), kind]);
  }
  return kinds;
}

/** The forwarded exchanges of one principal, in the order of their intents. */
export function exchangesOf(records: readonly AuditRecord[], principal: string): readonly Told[] {
  const outcomes = new Map(
    records.filter(({ kind }) => kind === 'outcome').map((record) => [record.request, record]),
  );
  return records
    .filter(({ kind, principal: who }) => kind === 'intent' && who?.name === principal)
    .map(({ protocol, operation, collections, request }) => {
      const outcome = outcomes.get(request);
      return {
        protocol,
        operation,
        collections: namesIn(collections),
        status: outcome?.status,
        points: outcome?.points,
      };
    });
}

/** The collections of a record, each as the test writes it. */
export function namesIn(collections: AuditRecord['collections'] = []): string[] {
  return collections.map(({ named, resolved }) => {
    return named === resolved ? named : `${named}=${resolved}`;
  });
}
