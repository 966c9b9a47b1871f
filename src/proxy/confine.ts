import type { Action } from '../catalog/operation.ts';
import type { Permit } from '../policy/permit.ts';
import { Refusal } from '../refusal.ts';
import type { Exchange } from './exchange.ts';

const carrying: ReadonlySet<Action> = new Set(['read', 'export']);

/** Holds what a request asks for to what policy lets an answer carry. Throws `Refusal` not-permitted
 * also where the operation carries data and cannot be held to it, or its points not be counted for a
 * budget: a limit is never ignored. */
export function confine({ protocol }: Exchange, { intent, extent, quotas }: Permit): void {
  const { operation, request } = intent;
  if (extent !== null && operation.confine) operation.confine(protocol, request, extent);
  if (operation.confine || !carrying.has(operation.action)) return;
  const uncounted = !operation.countOut && quotas.some(({ measure }) => measure === 'points');
  if (extent === null && !uncounted) return;
  throw new Refusal('not-permitted', `${operation.name} cannot be held to limits on its answer`, {
    told: 'Forbidden: this operation is not allowed where answers are limited',
  });
}
