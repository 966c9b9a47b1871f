import { type CaseResult, runCases } from '../policy/cases.ts';
import { policyOptions, readPolicies } from './policy-folder.ts';
import type { Verb } from './verb.ts';

/** Runs the `*.test.yaml` beside the policies. Exit 1 where one fails, or where there is none. */
export const verb: Verb = {
  name: 'policy test',
  summary: 'Check the policies against what their tests say who may do',
  usage: 'policy test [--policies policies/]',
  options: policyOptions,
  run: async ({ values, json, print, complain }) => {
    const { directory, policy } = readPolicies(values, true);
    const cases = runCases(directory, policy);
    const failed = cases.filter((each) => !each.passed);
    const passed = cases.length - failed.length;
    if (json) print(JSON.stringify({ passed, failed: failed.length, cases }));
    else {
      for (const each of failed) print(failureLine(each));
      print(`${passed} passed, ${failed.length} failed`);
    }
    if (cases.length === 0) complain(`${directory} states no case; add NAME.test.yaml to a policy`);
    return failed.length > 0 || cases.length === 0 ? 1 : 0;
  },
};

function failureLine({ file, line, roles, claims, ...each }: CaseResult): string {
  const claimed = Object.keys(claims).length === 0 ? '' : ` ${JSON.stringify(claims)}`;
  const may = each.expected === 'allow' ? 'may' : 'may not';
  const said = each.rule === null ? 'no rule allows it' : `${each.rule} says ${each.effect}`;
  return `${file}:${line} ${roles.join(' ')}${claimed} ${may} ${each.statement}: ${said}`;
}
