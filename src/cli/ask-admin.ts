import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

/** Databases are asked meanwhile, one after the other. */
const patience = 60_000;

/** Where a running gateway is administered, and what it is shown. */
export interface AdminDoor {
  readonly host: string;
  readonly port: number;
  /** Null: plain HTTP. Else what is shown and trusted, in PEM; left out: nothing, the system's. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer } | null;
  /** Null: the certificate alone is shown. */
  readonly token: string | null;
  /** A one-time code; null: none. */
  readonly code: string | null;
}

/** What to ask of a running gateway. */
export interface AdminQuestion {
  readonly method: 'GET' | 'POST';
  readonly target: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** Asks the admin port of a running gateway. Gives the JSON of its answer, also where that says
 * what did not come about. Rejects with an `Error` for people. */
export async function askAdmin(door: AdminDoor, question: AdminQuestion): Promise<unknown> {
  const { status, type, body } = await asked(door, question);
  const read: unknown = type.includes('json') ? JSON.parse(body) : null;
  if (type === 'application/json') return read;
  const { detail = `status ${status}` } = Object(read) as { detail?: string };
  const shown = status !== 401 || detail.includes('fresh');
  const hint = shown ? '' : '; set VECTORGATE_ADMIN_TOKEN, or --admin-token-file';
  throw new Error(`the gateway at ${doorText(door)} says: ${detail}${hint}`);
}

/** Whether a gateway answers there. Never rejects. */
export async function answersAt(door: AdminDoor): Promise<boolean> {
  try {
    const { status, body } = await asked({ ...door, token: null, code: null }, liveness);
    return status === 200 && body === 'alive\n';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // It is there, and whether it can be trusted is for the question itself to tell.
    return /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code);
  }
}

const liveness: AdminQuestion = { method: 'GET', target: '/healthz' };

/** `127.0.0.1:9633` */
export function doorText({ host, port }: AdminDoor): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Heard {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function asked(door: AdminDoor, { method, target, body }: AdminQuestion): Promise<Heard> {
  const { host, port, tls, token, code } = door;
  const sent = body === undefined ? null : JSON.stringify(body);
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(code === null ? {} : { 'x-vectorgate-code': code }),
    ...(sent === null
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
  };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(patience);
    const call = (tls ? https : http).request({
      ...{ host, port, path: target, method, headers, agent: false, signal },
      ...(tls ?? {}),
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      const message = `no gateway answers at ${doorText(door)}: ${error.message}`;
      reject(Object.assign(new Error(message, { cause: error }), { code: error.code }));
    });
    call.on('response', (answer) => {
      const status = answer.statusCode ?? 0;
      const type = answer.headers['content-type'] ?? '';
      text(answer).then((read) => resolve({ status, type, body: read }), reject);
    });
    call.end(sent ?? undefined);
  });
}
