import type { Verb } from './verb.ts';

/** Every command, in the order of the help. A command is its file: `keys create` is
 * keys-create.ts. */
export const verbNames: readonly string[] = [
  'serve',
  'demo',
  'check',
  'health',
  'keys create',
  'keys list',
  'keys hash',
  'keys revoke',
  'certs dev',
  'policy test',
  'policy explain',
  'policy lint',
  'audit verify',
  'audit tail',
  'catalog list',
];

/** Reads the code of one command, so that a command starts as quickly as what it needs. */
export async function loadVerb(name: string): Promise<Verb> {
  const { verb } = (await import(`./${name.replace(' ', '-')}.ts`)) as { verb: Verb };
  return verb;
}

/** The name nearest to what was typed; null where none is near. */
export function nearestVerb(typed: string): string | null {
  let nearest: string | null = null;
  let least = 3;
  for (const name of verbNames) {
    const far = distance(typed, name);
    if (far < least) [nearest, least] = [name, far];
  }
  return nearest;
}

/** Levenshtein's distance. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (let column = 1; column <= other.length; column += 1) {
      const changed = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
