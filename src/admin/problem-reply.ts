import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { Objection } from './objection.ts';
import type { Reply } from './port.ts';

/** How the admin port says what went wrong (RFC 9457). */
export const problemSchema = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request: z.string(),
});

const codes = { 404: 'not-found', 409: 'conflict', 422: 'not-possible' } as const;

/** The answer to what was thrown; null for what was not thrown on purpose. */
export function problemReply(error: unknown, request: string): Reply | null {
  if (error instanceof Objection) {
    return problem(error.status, codes[error.status], error.message, request);
  }
  if (!(error instanceof Refusal)) return null;
  const { http, code, told, challenge, retryAfter } = error;
  const made = problem(http, code, told, request);
  return {
    ...made,
    fields: {
      ...made.fields,
      ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
  };
}

/** One problem as an answer. */
export function problem(status: number, code: string, detail: string, request: string): Reply {
  const title = STATUS_CODES[status] ?? 'Problem';
  const told: z.output<typeof problemSchema> = {
    ...{ type: 'about:blank', title, status, detail, code, request },
  };
  return {
    status,
    type: 'application/problem+json',
    body: `${JSON.stringify(told)}\n`,
    fields: { 'x-request-id': request },
  };
}
