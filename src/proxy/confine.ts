import type { Action, Operation } from '../catalog/operation.ts';
import type { Permit } from '../policy/permit.ts';
import { Refusal } from '../refusal.ts';
import type { Exchange } from './exchange.ts';

const carrying: ReadonlySet<Action> = new Set(['read', 'export']);

/** A whole snapshot is an administrator's to take, and carries data like any other. */
function carries({ action, event }: Operation): boolean {
  return carrying.has(action) || event === 'data.export';
}

/** Whether a limit stands or falls with what is counted of an answer's points. */
function counts({ measure, sweep }: Permit['quotas'][number]): boolean {
  return measure === 'points' || sweep?.exceed === 'stop';
}

/** Holds what a request asks for to what policy lets an answer carry: the permit of what may be
 * forwarded. Throws `Refusal` not-permitted
 * also where the operation carries data and cannot be held to it, or its points not be counted for
 * a budget: a limit is never ignored. */
export function confine({ protocol }: Exchange, permit: Permit): Permit {
  const { intent, extent, quotas } = permit;
  const { operation, request } = intent;
  if (operation.confine) {
    return extent === null ? permit : permit.lowered(operation.confine(protocol, request, extent));
  }
  if (!carries(operation)) return permit;
  const uncounted = !operation.countOut && quotas.some(counts);
  if (extent === null && !uncounted) return permit;
  throw new Refusal('not-permitted', `${operation.name} cannot be held to limits on its answer`, {
    told: 'Forbidden: this operation is not allowed where answers are limited',
  });
}
