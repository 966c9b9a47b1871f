import { admit } from '../credential.ts';
import { Failure, failureKinds } from '../failure.ts';
import type { Foundation } from '../foundation.ts';
import type { Session } from '../store/storage.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { messagesOf } from './frames.ts';
import type { Message } from './message.ts';
import type { Method } from './method.ts';
import { methodNamed } from './methods.ts';
import { Status } from './status.ts';
import { BrokenMessage } from './wire.ts';

/** The headers of a call: names in lower case, as often as they were sent. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** Serves a call: gives the encoded answer, or throws a `Status`. */
export async function serveCall(
  foundation: Foundation,
  path: string,
  metadata: Metadata,
  body: () => Promise<Buffer>,
): Promise<Buffer> {
  const { method, service } = methodNamed(path);
  const admission = admit(foundation.keys, metadata);
  if ('refused' in admission && method?.access !== 'none') {
    throw new Status(16, admission.refused);
  }
  if (!method) throw new Status(12, '', service ? {} : { 'content-length': '0' });
  const started = performance.now();
  const encoding = headerOf(metadata, 'grpc-encoding');
  checkEncoding(encoding);
  const message = received(method, await body(), encoding);
  const access = 'access' in admission ? admission.access : 'read';
  const session: Session = { storage: foundation.storage, access, touched: new Set() };
  try {
    const answer = run(method, session, message);
    checkTimeout(metadata, started);
    return encode(method.response, { time: (performance.now() - started) / 1000, ...answer });
  } finally {
    const requestId = headerOf(metadata, 'x-request-id');
    foundation.onTouch({ operation: method.operation, collections: session.touched, requestId });
  }
}

/** The first value of a header. */
export function headerOf(metadata: Metadata, name: string): string | undefined {
  return metadata.find(([known]) => known === name)?.[1];
}

function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined || encoding === 'identity' || encoding === 'gzip') return;
  const message = `Content is compressed with \`${encoding}\` which isn't supported`;
  throw new Status(12, message, { 'grpc-accept-encoding': 'gzip,identity' });
}

/** The first message; those behind it are read, for their errors, and not served. */
function received(method: Method, bytes: Buffer, encoding: string | undefined): Message {
  try {
    let first: Message | undefined;
    for (const message of messagesOf(bytes, encoding)) {
      const decoded = decode(method.request, message);
      first ??= decoded;
    }
    if (!first) throw new Status(13, 'Missing request message.');
    return first;
  } catch (error) {
    throw error instanceof BrokenMessage ? new Status(13, error.message) : error;
  }
}

function run(method: Method, session: Session, message: Message): Message {
  try {
    const wrong = method.checks.map((check) => check(message)).filter((text) => text !== undefined);
    if (wrong.length > 0) {
      throw new Failure('malformed', `Validation error in body: [${wrong.join('; ')}]`);
    }
    if (method.access === 'manage' && session.access !== 'manage') {
      throw new Failure('forbidden', 'Global manage access is required');
    }
    return method.run(session, message);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Status(failureKinds[error.kind].grpc, error.message);
  }
}

const units: Readonly<Record<string, number>> = {
  n: 1e-6,
  u: 1e-3,
  m: 1,
  S: 1000,
  M: 60_000,
  H: 3_600_000,
};

function checkTimeout(metadata: Metadata, started: number): void {
  const found = /^(\d{1,8})([numSMH])$/.exec(headerOf(metadata, 'grpc-timeout') ?? '');
  const allowed = Number(found?.[1] ?? 0) * (units[found?.[2] ?? ''] ?? 0);
  if (found && performance.now() - started > allowed) throw new Status(1, 'Timeout expired');
}
