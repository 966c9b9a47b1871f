import { unreadable } from '../reading/unreadable.ts';
import { checkName } from './name.ts';
import type { Given } from './row.ts';

/**
 * Reads the query string of a target, which may hold these names, each once and spelled as it is:
 * no name needs an escape. Throws `Refusal` unreadable-request for anything else, on a route
 * without such names for any query string at all.
 */
export function readNames(target: string, allowed: readonly string[]): Given['texts'] {
  const mark = target.indexOf('?');
  if (mark === -1) return [];
  if (allowed.length === 0) throw unreadable('a query string has no place here');
  const seen: string[] = [];
  return target
    .slice(mark + 1)
    .split('&', allowed.length + 1)
    .map((part) => {
      const equals = part.indexOf('=');
      const name = equals === -1 ? part : part.slice(0, equals);
      if (!allowed.includes(name)) throw unreadable('the query string has an unknown parameter');
      if (seen.includes(name)) throw unreadable(`the parameter ${name} is given twice`);
      seen.push(name);
      const value = equals === -1 ? '' : part.slice(equals + 1);
      checkName(name, value);
      return { mark: name === 'dbName' ? 'database' : 'collection', value };
    });
}
