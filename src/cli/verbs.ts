import type { Verb } from './verb.ts';

/** Every command, in the order of the help, each a file that is read once it is asked for: a
 * command starts as quickly as what it needs. */
const verbs: Readonly<Record<string, () => Promise<{ readonly verb: Verb }>>> = {
  serve: () => import('./serve.ts'),
  demo: () => import('./demo.ts'),
  init: () => import('./init.ts'),
  check: () => import('./check.ts'),
  health: () => import('./health.ts'),
  doctor: () => import('./doctor.ts'),
  'keys create': () => import('./keys-create.ts'),
  'keys list': () => import('./keys-list.ts'),
  'keys hash': () => import('./keys-hash.ts'),
  'keys import': () => import('./keys-import.ts'),
  'keys rotate': () => import('./keys-rotate.ts'),
  'keys revoke': () => import('./keys-revoke.ts'),
  'credential status': () => import('./credential-status.ts'),
  'credential test': () => import('./credential-test.ts'),
  'credential switch': () => import('./credential-switch.ts'),
  'credential rollback': () => import('./credential-rollback.ts'),
  'admin token': () => import('./admin-token.ts'),
  'certs dev': () => import('./certs-dev.ts'),
  'policy test': () => import('./policy-test.ts'),
  'policy explain': () => import('./policy-explain.ts'),
  'policy lint': () => import('./policy-lint.ts'),
  'policy diff': () => import('./policy-diff.ts'),
  'audit verify': () => import('./audit-verify.ts'),
  'audit tail': () => import('./audit-tail.ts'),
  'audit stats': () => import('./audit-stats.ts'),
  'audit export': () => import('./audit-export.ts'),
  'catalog list': () => import('./catalog-list.ts'),
};

/** The names of all commands: `keys create`. */
export const verbNames: readonly string[] = Object.keys(verbs);

/** Reads the code of the command of this name. Throws `RangeError` where there is none. */
export async function loadVerb(name: string): Promise<Verb> {
  const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!load) throw new RangeError(`there is no command ${name}`);
  return (await load()).verb;
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
