/** Text in which `*` stands for any run of characters and `?` for one, save those barred. */
export interface Glob {
  readonly text: string;
  readonly barred: string;
  /** Holds no wildcard. */
  readonly plain: boolean;
}

const asterisk = 0x2a;
const question = 0x3f;

/**
 * Whether a glob matches the whole of a name, which is never itself read as a pattern.
 *
 * Only the last `*` is ever reconsidered: trying it at its leftmost place loses nothing, barred
 * characters or not, so the work is at most name × glob steps. Allocates nothing.
 */
export function matchesGlob(glob: Glob, name: string): boolean {
  const { text, barred } = glob;
  if (glob.plain) return text === name;
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < name.length) {
    const wanted = text.charCodeAt(at);
    if (wanted === asterisk) {
      star = at++;
      resume = position;
    } else if (
      wanted === name.charCodeAt(position) ||
      (wanted === question && !isBarred(barred, name, position))
    ) {
      at++;
      position++;
    } else if (star === -1 || isBarred(barred, name, resume)) {
      return false;
    } else {
      position = ++resume;
      at = star + 1;
    }
  }
  while (text.charCodeAt(at) === asterisk) at++;
  return at === text.length;
}

function isBarred(barred: string, name: string, position: number): boolean {
  return barred !== '' && barred.includes(name.charAt(position));
}
