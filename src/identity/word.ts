import { z } from 'zod';

const labelName = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,62}$/, 'no name of a label; use letters, digits, . _ and -');

/** Whether a text may be a name, a role or a label's value: 1 to 128 printable characters. */
export function isWord(text: string): boolean {
  return /^[^\s\p{C}][^\p{C}]{0,127}$/u.test(text);
}

/** The schema of such a text; `what` it is stands in its messages. */
export function word(what: string) {
  return z
    .string(`${what} is missing; give it as text`)
    .refine(isWord, `${what} is no plain text; use 1 to 128 printable characters`);
}

/** Labels of a credential, for records and for policies that require them. */
export const labelsSchema = z.record(labelName, word('a label'));
