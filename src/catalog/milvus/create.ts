import type { Instead, Intent, Names, Need } from '../operation.ts';
import { row, rpc } from './define.ts';
import { messages } from './messages.ts';
import { keyOf } from './name.ts';
import { judge, needOf } from './need.ts';
import { ownCall } from './own-call.ts';
import type { Given, RowOf, Verdict } from './row.ts';
import { failure, isSuccess, statusIn } from './status.ts';

/** DescribeCollection in the place of CreateCollection: that the collection is there already. */
const whetherThere = row('collections.describe', 'list', 'collection.list', {
  rpc: rpc('DescribeCollection', messages.describeCollection),
  trim: (_protocol, answer, _view, { needs }) => {
    const status = statusIn(answer);
    return isSuccess(status) ? duplicate(needs[0]?.collection?.named ?? '') : status;
  },
});

/**
 * What creating a collection needs: its own right on the name as it stands. Where the collection
 * exists, a caller who may list it hears what a second create hears, so that frameworks which create
 * at start run under a small role.
 */
export function judgeCreate(given: Given, names: Names, rowOf: RowOf): Verdict {
  const verdict = judge(given, names);
  return { ...verdict, instead: insteadOf(given, verdict.needs, names, rowOf) };
}

function insteadOf(
  { protocol, database }: Given,
  needs: readonly Need[],
  names: Names,
  rowOf: RowOf,
): Instead | null {
  const collection = needs[0]?.collection ?? null;
  if (protocol !== 'grpc' || !collection) return null;
  if (!names.isCollection(keyOf(database, collection.named))) return null;
  const need = needOf(rowOf('collections.describe'), database, collection);
  const own = ownCall(
    'DescribeCollection',
    [
      [2, database],
      [3, collection.named],
    ],
    database,
  );
  const { method, target, body, fields = [] } = own;
  const intent: Intent = {
    operation: whetherThere,
    needs: [need],
    request: { method, target, fields, body },
    ...{ points: 0, objection: null, instead: null },
  };
  return { need, intent };
}

/** What a second create of other parameters hears (internal/rootcoord/create_collection_task.go):
 * whether they are the same is not looked into. */
function duplicate(name: string): Buffer {
  return failure(`create duplicate collection with different parameters, collection: ${name}`);
}
