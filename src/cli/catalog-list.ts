import type { Operation } from '../catalog/operation.ts';
import { databaseBy, policyOptions } from './policy-folder.ts';
import type { Verb } from './verb.ts';

/** Lists what the gateway knows of a database: every operation, its action, and whether it
 * passes. */
export const verb: Verb = {
  name: 'catalog list',
  summary: 'List the operations of a database and the action each needs',
  usage: 'catalog list [--database qdrant]',
  options: { database: policyOptions.database },
  run: async ({ values, json, print }) => {
    const { operations } = databaseBy(values);
    if (json) print(JSON.stringify(operations.map(listed)));
    else for (const operation of operations) print(line(operation));
    return 0;
  },
};

function listed({ name, action, http, grpc, closed }: Operation) {
  return { operation: name, action, http, grpc, passes: closed === undefined };
}

/** `points.query   read   POST /collections/…   /qdrant.Points/Query`, and why where it is
 * closed. */
function line({ name, action, http, grpc, closed }: Operation): string {
  const ways = [...http, ...grpc].join('  ');
  const why = closed === undefined ? '' : `  (passes for nobody: ${closed})`;
  return `${name.padEnd(40)}  ${action.padEnd(7)}  ${ways}${why}`;
}
