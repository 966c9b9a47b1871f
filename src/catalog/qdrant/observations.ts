import type { Protocol, View } from '../operation.ts';
import { JsonView } from '../reading/json-view.ts';
import { type Edit, splice } from '../reading/splice.ts';

/** `GET /telemetry`: collections, snapshots and counters of collections that may not be listed are
 * left out, also where Qdrant itself shows them to anyone (`snapshots`, from details level 2). */
export function trimTelemetry(_: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  const json = new JsonView(answer);
  const edits: Edit[] = [];
  const kept = keepById(json, edits, view, 'collections', 'collections');
  keepById(json, edits, view, 'collections', 'snapshots');
  const number = json.at('result', 'collections', 'number_of_collections');
  if (number !== null) edits.push({ ...number, bytes: Buffer.from(String(kept)) });
  for (const path of keyedByCollection) {
    const object = json.at('result', ...path);
    if (object !== null) edits.push(json.keepMembers(object, (name) => view.mayList(name)));
  }
  return splice(answer, inOrder(edits));
}

const keyedByCollection = [
  ['hardware', 'collection_data'],
  ['requests', 'rest', 'per_collection_responses'],
  ['requests', 'grpc', 'per_collection_responses'],
];

/** An entry without an id (details level 1 sums up without naming) is not known to be one that may
 * be listed. */
function keepById(json: JsonView, edits: Edit[], view: View, ...path: string[]): number {
  const array = json.at('result', ...path);
  if (array === null) return 0;
  const { edit, kept } = json.keepElements(array, (element) => {
    const id = json.text(json.member(element, 'id'));
    return id !== null && view.mayList(id);
  });
  edits.push(edit);
  return kept;
}

/** `GET /cluster/telemetry`: its collections are members by name. */
export function trimClusterTelemetry(_: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  const json = new JsonView(answer);
  const object = json.at('result', 'collections');
  if (object === null) return answer;
  return splice(answer, [json.keepMembers(object, (name) => view.mayList(name))]);
}

/** `GET /issues`: those about a collection that may be listed, as Qdrant shows them to a token of
 * that collection. */
export function trimIssues(_: Protocol, answer: Buffer, view: View): Uint8Array {
  if (view.listsEverything) return answer;
  const json = new JsonView(answer);
  const array = json.at('result', 'issues');
  if (array === null) return answer;
  const { edit } = json.keepElements(array, (issue) => {
    const name = json.text(json.member(issue, 'related_collection'));
    return name !== null && view.mayList(name);
  });
  return splice(answer, [edit]);
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((one, other) => one.start - other.start);
}
