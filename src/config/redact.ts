import type { Problem } from '../problem.ts';
import type { Substitution } from './substitute.ts';

/** Shorter values are no secrets, and with each `1` hidden a sentence could not be read. */
const shortestSecret = 4;

/** A problem in which every substituted value reads as it is written in the file: `${NAME}`. */
export function redact(problem: Problem, substitutions: readonly Substitution[]): Problem {
  const hidden = substitutions
    .flatMap(({ value, written }) => spellings(value).map((spelling) => ({ spelling, written })))
    .sort((a, b) => b.spelling.length - a.spelling.length);
  const clean = (text: string) =>
    hidden.reduce((told, { spelling, written }) => told.replaceAll(spelling, () => written), text);
  return { ...problem, message: clean(problem.message), remedy: clean(problem.remedy) };
}

/** The value, and the parts that a message and its remedy are cut into at `; `. */
function spellings(value: string): string[] {
  return [value, ...value.split('; ')].filter((part) => part.length >= shortestSecret);
}
