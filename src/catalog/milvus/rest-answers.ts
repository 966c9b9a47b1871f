import { JsonView } from '../reading/json-view.ts';
import { splice } from '../reading/splice.ts';

/** An answer without those strings of the list at this path that `keep` does not keep; as it is
 * where it has no such list, as an error has none. */
export function keepTexts(
  answer: Buffer,
  path: readonly string[],
  keep: (text: string) => boolean,
): Uint8Array {
  const json = new JsonView(answer);
  const list = json.at(...path);
  if (list === null) return answer;
  const { edit } = json.keepElements(list, (element) => {
    const text = json.text(element);
    return text !== null && keep(text);
  });
  return splice(answer, [edit]);
}
