import { firstOf, mapped } from '../json/alternatives.ts';
import { list, type Read, scalars } from '../json/read.ts';
import { field, struct } from '../json/struct.ts';
import type { AliasAction } from '../store/aliases.ts';

const name = field.required(scalars.string);

const creating = struct('CreateAlias', { collection_name: name, alias_name: name });
const deleting = struct('DeleteAlias', { alias_name: name });
const renaming = struct('RenameAlias', { old_alias_name: name, new_alias_name: name });

const action = firstOf<AliasAction>(
  'data did not match any variant of untagged enum AliasOperations',
  mapped(
    struct('CreateAliasOperation', { create_alias: field.required(creating) }),
    ({ create_alias: { collection_name, alias_name } }) => {
      return { kind: 'create', collection: collection_name, alias: alias_name };
    },
  ),
  mapped(
    struct('DeleteAliasOperation', { delete_alias: field.required(deleting) }),
    ({ delete_alias }) => ({ kind: 'delete', alias: delete_alias.alias_name }),
  ),
  mapped(
    struct('RenameAliasOperation', { rename_alias: field.required(renaming) }),
    ({ rename_alias: { old_alias_name, new_alias_name } }) => {
      return { kind: 'rename', from: old_alias_name, to: new_alias_name };
    },
  ),
);

/** Reads changes of the alias table: each is the first form that fits, not the one it looks. */
export const aliasChanges: Read<readonly AliasAction[]> = mapped(
  struct('ChangeAliasesOperation', { actions: field.required(list(action)) }),
  ({ actions }) => actions,
);
