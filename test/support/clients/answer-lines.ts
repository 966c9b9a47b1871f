import { createInterface } from 'node:readline';
import type { ThrownError, Vocabulary } from './vocabulary.ts';

/** What a driver can do: every word, each as its SDK says it. */
export type Driver = {
  readonly [Word in keyof Vocabulary]: (
    args: Parameters<Vocabulary[Word]>[0],
  ) => Promise<ReturnType<Vocabulary[Word]>>;
};

/** Reads `{id, call, args}` lines from stdin and answers each with `{id, ok}` or `{id, error}`, in the
 * order in which they end. */
export function answerLines(driver: Driver, tell: (error: unknown) => ThrownError): void {
  const say = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, call, args } = JSON.parse(line) as { id: number; call: keyof Driver; args: never };
    driver[call](args).then(
      (ok) => say({ id, ok }),
      (error: unknown) => say({ id, error: tell(error) }),
    );
  });
}
