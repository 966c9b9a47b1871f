import { lint } from '../policy/lint.ts';
import { Misconfigured, type Problem, problemLine } from '../problem.ts';
import { policyOptions, readPolicies } from './policy-folder.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Tells what is wrong in the policies, and what is legal and yet hardly meant. */
export const verb: Verb = {
  name: 'policy lint',
  summary: 'Tell what is wrong or hardly meant in the policies',
  usage: 'policy lint [--policies policies/] [--size NAME=POINTS …]',
  options: {
    ...policyOptions,
    size: { type: 'string', multiple: true, help: 'NAME=POINTS: how large a collection is' },
  },
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
    return lint(directory, policy, sizesOf(values['size']));
  } catch (error) {
    if (error instanceof Misconfigured) return error.problems;
    throw error;
  }
}

function sizesOf(given: VerbInput['values'][string]): ReadonlyMap<string, number> {
  const texts = Array.isArray(given) ? given.map(String) : [];
  return new Map(
    texts.map((text) => {
      const [, name, points] = /^([^=]+)=(\d{1,15})$/.exec(text) ?? [];
      if (name === undefined) throw new BadUsage(`${text} is no size; write NAME=POINTS`);
      return [name, Number(points)];
    }),
  );
}
