import { named } from './checks.ts';
import type { Check, Method } from './method.ts';

/** Declares a method that reads from one collection. */
export function reading(
  operation: string,
  request: string,
  response: string,
  checks: readonly Check[],
  run: Method['run'],
): Method {
  return { operation, request, response, access: 'read', checks: [named, ...checks], run };
}
