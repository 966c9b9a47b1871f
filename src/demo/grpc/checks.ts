import { wrongName } from '../names.ts';
import { get, maybe } from './message.ts';
import type { Check } from './method.ts';

/** Checks that the name of the collection is one. */
export const named: Check = (message) => {
  const wrong = wrongName(get.text(message, 'collection_name'), false);
  return wrong && `collection_name: ${wrong}`;
};

/** Checks that the name is one that a new collection may have. */
export const namedAnew: Check = (message) => {
  const wrong = wrongName(get.text(message, 'collection_name'), true);
  return wrong && `collection_name: ${wrong}`;
};

/** Checks that a number asks for something; one that keeps presence may be missing. */
export function atLeastOne(name: string, optional = false): Check {
  return (message) => {
    const value = maybe.number(message, name) ?? (optional ? 1 : 0);
    return value < 1 ? `${name}: value ${value} invalid, must be 1 or larger` : undefined;
  };
}
