import type { Action, Operation, Protocol } from '../catalog/operation.ts';
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
 * forwarded. Throws `Refusal` not-permitted also where the operation carries data and cannot be
 * held to it, or its points not be counted for a budget: a limit is never ignored. */
export function confine({ protocol }: Exchange, permit: Permit): Permit {
  const { intent, extent, quotas } = permit;
  const { operation, request } = intent;
  if (quotas.some(counts) && isUncounted(protocol, permit)) throw unlimited(operation);
  if (extent === null) return permit;
  if (operation.confine) return permit.lowered(operation.confine(protocol, request, extent));
  if (isCarrying(intent)) throw unlimited(operation);
  return permit;
}

function isUncounted(protocol: Protocol, { intent }: Permit): boolean {
  const { operation, request } = intent;
  if (operation.countOut) return operation.uncounted?.(protocol, request) ?? false;
  return !operation.confine && isCarrying(intent);
}

/** What is restored from another collection's snapshot carries that one, by a need of its own. */
function isCarrying({ operation, needs }: Permit['intent']): boolean {
  return carries(operation) || needs.some((need) => carries(need.operation));
}

function unlimited({ name }: Operation): Refusal {
  return new Refusal('not-permitted', `${name} cannot be held to limits on its answer`, {
    told: 'Forbidden: this operation is not allowed where answers are limited',
  });
}
