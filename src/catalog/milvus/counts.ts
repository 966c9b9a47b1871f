import type { Counter, Protocol } from '../operation.ts';
import { JsonCounter } from '../reading/json-counter.ts';

/** Entities that answers of REST carry: the elements of `data`. Over gRPC results are columns, which
 * have no count of their own. */
export function countFound(protocol: Protocol): Counter {
  return protocol === 'http' ? new JsonCounter({ members: { data: { elements: true } } }) : none;
}

const none: Counter = { push: () => undefined, points: 0 };
