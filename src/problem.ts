/** One thing that is wrong with what an operator wrote, and what to do about it. */
export interface Problem {
  readonly file: string;
  /** From 1; null where the file itself is the problem. */
  readonly line: number | null;
  /** `upstreams[0].http`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** Everything that is wrong with a configuration, a policy folder or a key file, at once. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemLine).join('\n'));
    this.problems = problems;
  }
}

/** `vectorgate.yaml:7 tls.minVersion: what is wrong. What to do.` */
export function problemLine(problem: Problem): string {
  const place = problem.line === null ? problem.file : `${problem.file}:${problem.line}`;
  const path = problem.path === '' ? '' : ` ${problem.path}`;
  return `${place}${path}: ${problem.message}. ${problem.remedy}.`;
}
