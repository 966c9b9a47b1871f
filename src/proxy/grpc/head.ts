import { Refusal } from '../../refusal.ts';
import { oneField } from '../fields.ts';

/** What the head of a call says beside its method. */
export interface CallHead {
  /** Whether a message may be compressed, by gzip: nothing else is read. */
  readonly gzip: boolean;
  /** As `Exchange.deadline`. */
  readonly deadline: number | null;
}

/** Milliseconds in one of each unit of `grpc-timeout`. */
const units: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
const timeout = /^(\d{1,8})([HMSmun])$/;
const contentType = /^application\/grpc(\+proto)?(;|$)/;

/**
 * Reads the head of a call (gRPC over HTTP2, "Requests"); `now` as `performance.now()` tells it.
 * Throws `Refusal` unreadable-request.
 */
export function readCallHead(method: string, fields: readonly string[], now: number): CallHead {
  if (method !== 'POST') throw unreadable('a call is made by POST', 405);
  if (!contentType.test(oneField(fields, 'content-type') ?? '')) throw unreadable('no gRPC', 415);
  if (oneField(fields, 'te') !== 'trailers') throw unreadable('the client takes no trailers');
  if (oneField(fields, 'content-encoding') !== undefined) throw unreadable('encoded twice', 415);
  const encoding = oneField(fields, 'grpc-encoding') ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new Refusal('unreadable-request', 'an unknown message encoding', {
      grpc: 12,
      told: 'Content is compressed in a way that is not supported',
    });
  }
  return { gzip: encoding === 'gzip', deadline: deadlineOf(fields, now) };
}

function deadlineOf(fields: readonly string[], now: number): number | null {
  const value = oneField(fields, 'grpc-timeout');
  if (value === undefined) return null;
  const parts = timeout.exec(value);
  if (parts === null) throw unreadable('grpc-timeout is no duration');
  return now + Number(parts[1]) * (units[parts[2] as string] as number);
}

function unreadable(reason: string, http = 400): Refusal {
  return new Refusal('unreadable-request', reason, { http });
}
