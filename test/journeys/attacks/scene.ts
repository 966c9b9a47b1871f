import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:tls';
import type { Touch } from '../../../src/demo/observe.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import type { AuditRecord } from '../../support/gateway-audit.ts';
import { credential, openDemo, type TestDatabase } from '../../support/gateway-database.ts';

/** A gateway under attack, and the database behind it. */
export interface Scene {
  readonly gateway: TestGateway;
  readonly database: TestDatabase;
  /** The key of a principal. */
  key(name: string): string;
  /** What the database was asked for since the last time this was called. */
  touched(): readonly Touch[];
  /** How often the log tells of each refusal, in records of their own and in counts. */
  refusals(): Record<string, number>;
  /** Asks the database itself. */
  direct(method: string, path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Who may do what: `own` may use what it names, `lister` may see only `pub`, `nothing` has a role
 * without rules that reach anything. */
export const policies = {
  own: `allow: [{ collections: [pub, pub2, pub_alias, "ghost*"], access: m }, { access: [observe] }]`,
  reader: `allow: [{ collections: [pub, pub_alias], access: r }]`,
  denied: `allow: [{ collections: ["pub*"], access: m }]\ndeny: [{ collections: [sec] }]`,
  nothing: `allow: [{ collections: [nowhere], access: r }]`,
  all: `allow: [{ collections: ["*"], access: m }, { collections: ["*"], access: [admin] }, { access: [observe, admin] }]`,
};

/** Opens the scene: `pub`, `pub2` and `sec` with two points each, `pub_alias` to the first,
 * `sec_alias` and `pubalias` to the last. */
export async function openScene(secret = true): Promise<Scene> {
  const database = await openDemo();
  const direct = askerOf(database);
  const names = secret ? ['pub', 'pub2', 'sec'] : ['pub', 'pub2'];
  for (const name of names) await populate(direct, name);
  const aliases = { pub_alias: 'pub', ...(secret ? { sec_alias: 'sec', pubalias: 'sec' } : {}) };
  await direct('POST', '/collections/aliases', {
    actions: Object.entries(aliases).map(([alias_name, collection_name]) => ({
      create_alias: { alias_name, collection_name },
    })),
  });
  const keys = Object.fromEntries(Object.keys(policies).map((role) => [role, { roles: [role] }]));
  const gateway = await startGateway({ database, policies, keys });
  let seen = 0;
  return {
    gateway,
    database,
    direct,
    key: (name) => gateway.keys[name] as string,
    touched: () => {
      // Neither what sets the scene nor what the gateway asks for itself has an id.
      const all = (database.touches ?? []).filter(({ requestId }) => requestId !== undefined);
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    refusals: () => refusalsIn(gateway.audit()),
    close: async () => {
      await gateway.stop();
      await database.close();
    },
  };
}

function refusalsIn(records: readonly AuditRecord[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { kind, refusal, count = 1 } of records) {
    if ((kind !== 'denial' && kind !== 'failures') || refusal === undefined) continue;
    found[refusal] = (found[refusal] ?? 0) + count;
  }
  return found;
}

function askerOf({ http }: TestDatabase) {
  return async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { 'api-key': credential };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(http + path, { method, headers, ...sent });
    return answer.json();
  };
}

async function populate(direct: Scene['direct'], name: string): Promise<void> {
  await direct('PUT', `/collections/${name}`, { vectors: { size: 2, distance: 'Dot' } });
  const points = [1, 2].map((id) => ({ id, vector: [id, 1], payload: { k: `of ${name}` } }));
  await direct('PUT', `/collections/${name}/points`, { points });
}

/** What came back on a connection of bytes. */
export interface Spoken {
  /** Everything, until the connection ended. */
  readonly text: string;
  /** Of the first answer. */
  readonly status: number;
  readonly refusal: string | null;
  readonly request: string | undefined;
  /** How many answers came. */
  readonly answers: number;
}

/** Writes exact bytes on a TLS connection of their own, and ends it once an answer has come. */
export function speak({ gateway }: Scene, bytes: string | Buffer, port = 'http'): Promise<Spoken> {
  const url = new URL(port === 'http' ? gateway.http() : gateway.grpc());
  const socket = connect({
    host: '127.0.0.1',
    port: Number(url.port),
    servername: 'localhost',
    ca: readFileSync(gateway.certificates.ca),
    ALPNProtocols: ['http/1.1'],
  });
  let text = '';
  return new Promise((resolve, reject) => {
    socket.on('error', () => undefined);
    socket.on('secureConnect', () => {
      if (typeof bytes === 'string') socket.write(bytes, 'latin1');
      else socket.write(bytes);
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (isWhole(text)) socket.end();
    });
    const patience = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer to ${String(bytes).slice(0, 200)}: ${text}`));
    }, 15_000);
    socket.on('close', () => {
      clearTimeout(patience);
      resolve(heardIn(text));
    });
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  if (text.startsWith('HTTP/1.1 100')) return isWhole(text.slice(end + 4));
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  return length === undefined ? false : text.length >= end + 4 + Number(length);
}

function heardIn(text: string): Spoken {
  return {
    text,
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0),
    refusal: /x-vectorgate-refusal: (\S+)/.exec(text)?.[1] ?? null,
    request: /x-request-id: (\S+)/.exec(text)?.[1],
    answers: text.split('HTTP/1.1 ').length - 1,
  };
}

/** An HTTP/2 connection to the REST or the gRPC port. */
export function openSession({ gateway }: Scene, port: 'http' | 'grpc'): ClientHttp2Session {
  const url = port === 'http' ? gateway.http() : gateway.grpc();
  const session = connectHttp2(url, { ca: readFileSync(gateway.certificates.ca) });
  session.on('error', () => undefined);
  return session;
}

/** What came back on one stream. */
export interface Streamed {
  readonly status: number;
  readonly grpc: number | null;
  readonly refusal: string | null;
  readonly request: string | undefined;
  /** The other fields, in the order they came. */
  readonly fields: readonly string[];
  readonly body: string;
  /** How the stream ended: 0 for well. */
  readonly code: number;
}

/** What differs between any two answers. */
const changing = new Set(['date', 'x-request-id', 'content-length']);

/** Sends raw fields and a body on one stream. */
export function ask(
  session: ClientHttp2Session,
  fields: readonly string[],
  body: Buffer | null = null,
): Promise<Streamed> {
  return new Promise((resolve) => {
    let told: Record<string, unknown> = {};
    let text = '';
    const stream = session.request(fields as never, { endStream: body === null });
    stream.on('response', (headers) => {
      told = { ...told, ...headers };
    });
    stream.on('trailers', (trailers) => {
      told = { ...told, ...trailers };
    });
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const grpc = told['grpc-status'];
      resolve({
        status: Number(told[':status'] ?? 0),
        grpc: grpc === undefined ? null : Number(grpc),
        refusal: (told['x-vectorgate-refusal'] as string | undefined) ?? null,
        request: told['x-request-id'] as string | undefined,
        fields: Object.entries(told).flatMap(([name, value]) =>
          changing.has(name) ? [] : [`${name}: ${value}`],
        ),
        body: text,
        code: stream.rstCode ?? 0,
      });
    });
    if (body !== null) stream.end(body);
  });
}
