import { Failure } from '../failure.ts';
import type { AliasAction } from '../store/aliases.ts';
import { get, type Message, maybe } from './message.ts';

/** Reads one change of the alias table. */
export function aliasActionOf(message: Message): AliasAction {
  const create = maybe.child(message, 'create_alias');
  const rename = maybe.child(message, 'rename_alias');
  const dropped = maybe.child(message, 'delete_alias');
  if (create) {
    const alias = get.text(create, 'alias_name');
    return { kind: 'create', collection: get.text(create, 'collection_name'), alias };
  }
  if (rename) {
    const from = get.text(rename, 'old_alias_name');
    return { kind: 'rename', from, to: get.text(rename, 'new_alias_name') };
  }
  if (dropped) return { kind: 'delete', alias: get.text(dropped, 'alias_name') };
  throw new Failure('malformed', 'Malformed AliasOperation type');
}
