import { Refusal } from '../../refusal.ts';
import type { Instead, Intent, Names, Need, Protocol, Rebuilt } from '../operation.ts';
import { JsonView } from '../reading/json-view.ts';
import { fieldsOf } from './answer-message.ts';
import { numbersIn } from './answer-numbers.ts';
import { row, rpc } from './define.ts';
import { messages } from './messages.ts';
import { judge, needOf } from './need.ts';
import { ownCall, ownPost } from './own-call.ts';
import { done, saysSuccess } from './rest-status.ts';
import type { Given, RowOf, Verdict } from './row.ts';
import { codeOf, statusIn } from './status.ts';

/** LoadState of common.proto: Milvus takes the load of a collection in one of these for done. */
const underWay = new Set([2n, 3n]);
const underWayInWords = new Set(['LoadStateLoading', 'LoadStateLoaded']);

/** GetLoadState in the place of LoadCollection: its status, where there is nothing to load. */
const whetherLoaded = row('collections.load_state', 'list', 'collection.list', {
  rpc: rpc('GetLoadState', messages.progress('GetLoadStateRequest')),
  trim: (protocol, answer, _view, { needs }) =>
    protocol === 'grpc' ? readStatus(answer, needs) : readJson(answer, needs),
});

function readStatus(answer: Buffer, needs: readonly Need[]): Buffer {
  const fields = fieldsOf(answer);
  const status = statusIn(fields);
  if (codeOf(status) !== 0n) return status;
  if (underWay.has(numbersIn(fields, 2).at(-1) ?? 0n)) return status;
  throw notLoaded(needs);
}

function readJson(answer: Buffer, needs: readonly Need[]): Buffer {
  if (!saysSuccess(answer)) return answer;
  const json = new JsonView(answer);
  if (underWayInWords.has(json.text(json.at('data', 'loadState')) ?? '')) return done;
  throw notLoaded(needs);
}

/**
 * What loading a collection needs: its own right. Frameworks load what they are going to search: a
 * caller who may list the collection hears that it is loaded, where it is.
 */
export function judgeLoad(given: Given, names: Names, rowOf: RowOf): Verdict {
  const verdict = judge(given, names);
  return { ...verdict, instead: insteadOf(given, verdict.needs, rowOf) };
}

function insteadOf(given: Given, needs: readonly Need[], rowOf: RowOf): Instead | null {
  const [first] = needs;
  const plain = given.texts.every(({ mark, value }) => mark !== 'refresh' || value === '0');
  if (needs.length !== 1 || !first?.collection || !plain) return null;
  const { protocol, database } = given;
  const need = needOf(rowOf('collections.load_state'), database, first.collection);
  const intent: Intent = {
    operation: whetherLoaded,
    needs: [need],
    request: askState(protocol, database, first.collection.resolved),
    ...{ points: 0, objection: null, instead: null },
  };
  return { need, intent };
}

/** REST v1 has no load. */
function askState(protocol: Protocol, database: string, name: string): Rebuilt {
  if (protocol === 'http') return ownPost('collections/get_load_state', database, name);
  const texts = [
    [2, name],
    [4, database],
  ] as const;
  return ownCall('GetLoadState', texts, database);
}

/** The denial of a load that the caller may not do. */
export function notLoaded(needs: readonly Need[]): Refusal {
  const [need] = needs;
  const told = need ? denialOf(need) : '';
  return new Refusal('not-permitted', 'the collection is not loaded, and may not be', { told });
}

function denialOf({ database }: Need): string {
  return `PrivilegeLoadCollection: permission deny to this caller in the \`${database}\` database`;
}
