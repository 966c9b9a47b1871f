import type { Instead, Intent, Names, Need, Rebuilt } from '../operation.ts';
import { fieldsOf } from './answer-message.ts';
import { row, rpc } from './define.ts';
import { notLoaded } from './load.ts';
import { messages } from './messages.ts';
import { keyOf } from './name.ts';
import { judge, needOf } from './need.ts';
import { ownCall, ownGet, ownPost } from './own-call.ts';
import { done, failed, saysSuccess } from './rest-status.ts';
import type { Given, Row, RowOf, Verdict } from './row.ts';
import { isSameCollection } from './same-collection.ts';
import { sameOverRest } from './same-over-rest.ts';
import { codeOf, failure, statusIn } from './status.ts';

/** DescribeCollection in the place of CreateCollection: what a second create hears of it. */
function whetherSame({ body = nothing, version = 2 }: Given): Row {
  return row('collections.describe', 'list', 'collection.list', {
    rpc: rpc('DescribeCollection', messages.describeCollection),
    trim: (protocol, answer, _view, { needs }) => {
      const told = duplicate(needs[0]?.collection?.named ?? '');
      if (protocol === 'http') {
        if (!saysSuccess(answer, version === 1 ? '200' : '0')) return answer;
        const same = sameOverRest(version, body, answer);
        if (same === 'not loaded') throw notLoaded(needs);
        if (same === 'different') return failed(told);
        return version === 1 ? doneBefore : done;
      }
      const status = statusIn(fieldsOf(answer));
      const differs = codeOf(status) === 0n && !isSameCollection(body, answer);
      return differs ? failure(told) : status;
    },
  });
}

const nothing = Buffer.alloc(0);
/** What REST v1 says where there is nothing else to say. */
const doneBefore = Buffer.from('{"code":200,"data":{}}', 'utf8');

/**
 * What creating a collection needs: its own right on the name as it stands. Where the collection
 * exists, a caller who may list it hears what a second create hears, so that frameworks which
 * create at start run under a small role.
 */
export function judgeCreate(given: Given, names: Names, rowOf: RowOf): Verdict {
  const verdict = judge(given, names);
  return { ...verdict, instead: insteadOf(given, verdict.needs, names, rowOf) };
}

function insteadOf(
  given: Given,
  needs: readonly Need[],
  names: Names,
  rowOf: RowOf,
): Instead | null {
  const { database } = given;
  const collection = needs[0]?.collection ?? null;
  if (!collection) return null;
  if (!names.isCollection(keyOf(database, collection.named))) return null;
  const need = needOf(rowOf('collections.describe'), database, collection);
  const intent: Intent = {
    operation: whetherSame(given),
    needs: [need],
    request: askForIt(given, collection.named),
    ...{ points: 0, objection: null, instead: null },
  };
  return { need, intent };
}

function askForIt({ protocol, version, database }: Given, name: string): Rebuilt {
  if (version === 1) return ownGet('collections/describe', database, name);
  if (protocol === 'http') return ownPost('collections/describe', database, name);
  const texts = [
    [2, database],
    [3, name],
  ] as const;
  return ownCall('DescribeCollection', texts, database);
}

/** What a second create of other parameters hears (rootcoord/create_collection_task.go). */
function duplicate(name: string): string {
  return `create duplicate collection with different parameters, collection: ${name}`;
}
