import type { Names, Rebuilt } from '../operation.ts';
import { type Change, mendMessage, replaceText } from '../reading/rewrite.ts';
import { delimited } from '../reading/write.ts';
import type { Call } from './call.ts';
import type { Mention } from './message.ts';
import { referTo } from './reference.ts';
import type { Given, Row, RpcPlan } from './row.ts';

/**
 * The message as it is forwarded: its database written into it, each alias replaced by the
 * collection that is judged, an id by its name, and nothing that a client may not say. The rest is
 * byte for byte what came.
 */
export function rebuildBody(
  call: Call,
  given: Given,
  id: string | null,
  names: Names,
): Pick<Rebuilt, 'body' | 'tail'> {
  const { row, bytes, mentions } = call;
  const changes: Change[] = [];
  for (const mention of mentions) {
    if (cuts.has(mention.mark)) changes.push(cut(mention));
    else if (id !== null && mention.mark === 'collection') changes.push(cut(mention));
    else {
      const value = standing(row, mention, given, names);
      if (value !== mention.value) changes.push(replaceText(mention.place, value));
    }
  }
  const absent = !mentions.some(({ mark }) => mark === 'database');
  const tail = Buffer.concat([
    absent ? fieldOf(row, 'database', given.database) : nothing,
    id === null ? nothing : fieldOf(row, 'collection', id),
  ]);
  const body = changes.length === 0 ? bytes : mendMessage(bytes, changes);
  return tail.length === 0 ? { body } : { body, tail };
}

const nothing = Buffer.alloc(0);
/** A name wins over an id, and none is forwarded. */
const cuts = new Set(['cut', 'id']);

function cut({ tagAt, place }: Mention): Change {
  return { start: tagAt, end: place.end, bytes: new Uint8Array(0), within: place.within };
}

function standing(row: Row, mention: Mention, { database }: Given, names: Names): string {
  const { mark, value } = mention;
  if (mark === 'database') return database;
  const resolves = mark === 'collection' || mark === 'echo';
  return resolves && value !== '' ? referTo(row, database, value, names).resolved : value;
}

/** A field of this mark, where the row has one: in whichever place of a message it stands. */
function fieldOf(row: Row, mark: string, value: string): Buffer {
  const fields = (row.rpc as RpcPlan).message.fields;
  for (const [number, field] of fields) {
    if (field.kind !== 'text' || field.mark !== mark) continue;
    return delimited(number, value);
  }
  return nothing;
}
