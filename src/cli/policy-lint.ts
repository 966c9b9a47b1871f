import { lint } from '../policy/lint.ts';
import { Misconfigured, type Problem, problemLine } from '../problem.ts';
import { policyOptions, readPolicies } from './policy-folder.ts';
import type { Verb, VerbInput } from './verb.ts';

/** Tells what is wrong in the policies, and what is legal and yet hardly meant. */
export const verb: Verb = {
  name: 'policy lint',
  summary: 'Tell what is wrong or hardly meant in the policies',
  usage: 'policy lint [--policies policies/]',
  options: policyOptions,
  run: async ({ values, json, print, complain }) => {
    const problems = problemsOf(values);
    const ok = problems.length === 0;
    if (json) print(JSON.stringify({ ok, problems }));
    else if (ok) print('nothing to say');
    else for (const problem of problems) complain(problemLine(problem));
    return ok ? 0 : 2;
  },
};

function problemsOf(values: VerbInput['values']): readonly Problem[] {
  try {
    const { directory, policy } = readPolicies(values, false);
    return lint(directory, policy);
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
}
