import type { Counter, Protocol } from '../operation.ts';
import { JsonCounter } from '../reading/json-counter.ts';
import { MessageCounter } from '../reading/protobuf-counter.ts';

/** Entities that an answer to a search carries: the elements of `data`; over gRPC
 * SearchResults.results.scores, of which each hit has one. */
export function countFound(protocol: Protocol): Counter {
  return protocol === 'http' ? overRest() : new MessageCounter([2, 4], { as: 'floats' });
}

/** Entities that an answer to a query carries: the elements of `data`; over gRPC the length of the
 * longest column of QueryResults.fields_data that holds whole numbers or strings, as a primary key
 * does. */
export function countRead(protocol: Protocol): Counter {
  if (protocol === 'http') return overRest();
  const columns = true;
  const counters = [
    new MessageCounter([2, 3, 3, 1], { as: 'varints', columns }),
    new MessageCounter([2, 3, 6, 1], { columns }),
  ];
  return {
    push: (chunk) => {
      for (const counter of counters) counter.push(chunk);
    },
    get points() {
      return Math.max(...counters.map(({ points }) => points));
    },
  };
}

function overRest(): Counter {
  return new JsonCounter({ members: { data: { elements: true } } });
}
