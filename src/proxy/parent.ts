import { Refusal } from '../refusal.ts';

/** What a caller says of the request that its own belongs to. */
interface Asked {
  field(name: string): string | undefined;
}

/** No underscore, no dot: no key or token of ours looks like it. */
const cleanId = /^[0-9A-Za-z-]{8,64}$/;
const trace = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const credentials = ['api-key', 'authorization'];

/**
 * The caller's own id of its request (`x-request-id`), to be recorded beside ours and never used as
 * ours; null where it sends none, more than one, or what could be anything but an id.
 */
export function parentOf(asked: Asked): string | null {
  const id = onlyField(asked, 'x-request-id');
  if (id === null || !cleanId.test(id)) return null;
  return credentials.some((name) => onlyField(asked, name)?.includes(id)) ? null : id;
}

/** The trace a request belongs to (W3C Trace Context, section 3.2, version 00), strictly; null
 * where it belongs to none. */
export function traceOf(asked: Asked): string | null {
  const value = onlyField(asked, 'traceparent');
  return value !== null && trace.test(value) ? value : null;
}

function onlyField(asked: Asked, name: string): string | null {
  try {
    return asked.field(name) ?? null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
