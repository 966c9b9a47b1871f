import type { Names, Need, Operation, Protocol, View } from '../operation.ts';
import { delimited } from '../reading/write.ts';
import { type AnswerField, fieldsOf, textsIn } from './answer-message.ts';
import { varintsIn } from './answer-numbers.ts';
import { keyOf } from './name.ts';
import { resolved } from './reference.ts';
import { keepTexts } from './rest-answers.ts';

type Trim = NonNullable<Operation['trim']>;

/** ShowCollections: names and what stands beside each, of what may be listed. */
const trimCollections: Trim = trimmed(
  (answer, view, { needs }) =>
    keepNamed(answer, 2, [3, 4, 5, 6, 7, 8], mayListIn(databaseIn(needs), view)),
  (answer, view, { needs }) => keepTexts(answer, ['data'], mayListIn(databaseIn(needs), view)),
);

/** ListDatabases: those in which something may be listed. */
const trimDatabases: Trim = trimmed(
  (answer, view) => keepNamed(answer, 2, [3, 4], (name) => view.mayListDatabase(name)),
  (answer, view) => keepTexts(answer, ['data'], (name) => view.mayListDatabase(name)),
);

/** ListAliases: those of which both the alias and its collection may be listed. */
const trimAliases: Trim = trimmed(
  (answer, view, { needs, names }) =>
    keepNamed(answer, 4, [], mayListAlias(databaseIn(needs), names, view)),
  (answer, view, { needs, names }) =>
    keepTexts(answer, ['data'], mayListAlias(databaseIn(needs), names, view)),
);

/** DescribeCollection: without the aliases that may not be listed. */
const trimDescription: Trim = trimmed(
  (answer, view, { needs, names }) =>
    keepNamed(answer, 9, [], mayListAlias(databaseIn(needs), names, view)),
  (answer, view, { needs, names }) =>
    keepTexts(answer, ['data', 'aliases'], mayListAlias(databaseIn(needs), names, view)),
);

/** BatchDescribeCollection: each description as one alone. */
const trimDescriptions: Trim = trimmed((answer, view, { needs, names }) => {
  const keep = mayListAlias(databaseIn(needs), names, view);
  return Buffer.concat(
    fieldsOf(answer).map(({ number, wire, bytes, content }) => {
      if (number !== 2 || wire !== 2) return bytes;
      return delimited(2, keepNamed(content, 9, [], keep));
    }),
  );
});

/** CheckHealth: whether it is healthy, without the reasons, which name nodes and collections. */
const trimHealth: Trim = trimmed((answer) =>
  Buffer.concat(
    fieldsOf(answer)
      .filter(({ number }) => number === 1 || number === 2)
      .map(({ bytes }) => bytes),
  ),
);

/** How each answer that lists names is trimmed. */
export const trims = {
  collections: trimCollections,
  databases: trimDatabases,
  aliases: trimAliases,
  description: trimDescription,
  descriptions: trimDescriptions,
  health: trimHealth,
} as const satisfies Record<string, Trim>;

type Trimming = (answer: Buffer, view: View, about: Parameters<Trim>[3]) => Uint8Array;

function trimmed(overGrpc: Trimming, overRest: Trimming = notOverRest): Trim {
  return (protocol: Protocol, answer, view, about) => {
    if (view.listsEverything) return answer;
    return (protocol === 'grpc' ? overGrpc : overRest)(answer, view, about);
  };
}

function notOverRest(): never {
  throw new TypeError('REST has no such answer');
}

function mayListIn(database: string | null, view: View) {
  return (name: string) => view.mayList(name, name, database);
}

function databaseIn(needs: readonly Need[]): string | null {
  return needs[0]?.database ?? null;
}

function mayListAlias(database: string | null, names: Names, view: View) {
  return (alias: string) => {
    if (database === null || !names.isAlias(keyOf(database, alias))) return false;
    return view.mayList(alias, resolved(database, alias, names), database);
  };
}

/** Of the repeated strings in one field, those to keep, with the numbers that stand at the same
 * places of the fields beside. Where those are not as many, they stand for nothing and go. */
function keepNamed(
  answer: Buffer,
  named: number,
  beside: readonly number[],
  keep: (name: string) => boolean,
): Buffer {
  const fields = fieldsOf(answer);
  const kept = textsIn(fields, named).map((name) => keep(name));
  if (!kept.includes(false)) return answer;
  let at = 0;
  const stay = fields.filter(({ number }) => {
    return number === named ? kept[at++] === true : !beside.includes(number);
  });
  const numbers = beside.map((number) => keepNumbers(fields, number, kept));
  return Buffer.concat([...stay.map(({ bytes }) => bytes), ...numbers]);
}

function keepNumbers(fields: readonly AnswerField[], number: number, kept: readonly boolean[]) {
  const values = varintsIn(fields, number);
  if (values.length !== kept.length) return Buffer.alloc(0);
  const packed = Buffer.concat(values.filter((_value, at) => kept[at]));
  return packed.length === 0 ? packed : delimited(number, packed);
}
