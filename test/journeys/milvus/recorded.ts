import { readFileSync } from 'node:fs';
import { decode, methodTypes, type Plain } from '../../support/milvus/messages.ts';
import { emptyDatabase, newCollection, type Store } from '../../support/milvus/store.ts';

/** One exact call to a real Milvus 2.3.5, and what it answered. */
export interface Recorded {
  readonly name: string;
  readonly method: string;
  readonly metadata: readonly (readonly [string, string])[];
  readonly message: Buffer;
  readonly status: number;
  readonly details: string;
  /** Empty where it answered with a status alone. */
  readonly answer: Plain;
}

interface Line {
  readonly case: string;
  readonly method: string;
  readonly metadata: [string, string][];
  readonly body: string;
  readonly answer: {
    readonly status: number;
    readonly details?: string;
    readonly message?: string;
  };
}

/** Every recorded call. */
export const recorded: readonly Recorded[] = readFileSync(
  'test/data/milvus-transcripts/2-grpc-raw.jsonl',
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => asRecorded(JSON.parse(line) as Line));

function asRecorded({ case: name, method: path, metadata, body, answer }: Line): Recorded {
  const method = path.slice(path.lastIndexOf('/') + 1);
  const types = methodTypes(method);
  const { status, details = '', message } = answer;
  return {
    ...{ name, method, metadata, status, details, message: Buffer.from(body, 'base64') },
    answer: message && types ? decode(types.answer, Buffer.from(message, 'base64')) : {},
  };
}

/** What an answer says of success and of names: ids and times are each server's own. */
export function gistOf(answer: Plain): unknown {
  const status = (answer['status'] ?? answer) as Plain;
  const names = answer['collection_names'] as string[] | undefined;
  const { code = 0 } = status;
  return {
    code,
    name: answer['collection_name'],
    names: names?.toSorted(),
    value: answer['value'],
  };
}

/** The collections that the recording began with, by the ids that they had. */
export function seed(store: Store): void {
  const idIn = (name: string) => {
    const found = recorded.find((each) => each.name === name);
    return String(found?.answer['collectionID']);
  };
  const [first, second] = [emptyDatabase(), emptyDatabase()];
  const put = (in_: typeof first, name: string, id: string) => {
    in_.collections.set(name, { ...newCollection({ name, fields: [] }), id });
  };
  put(first, 'products', idIn('describe'));
  put(first, 'docs2', idIn('id alone'));
  put(second, 'products', idIn('db in body'));
  store.set('default', first).set('db1', second);
}
