import { createInterface } from 'node:readline';
import type { Connection, ThrownError, Vocabulary } from './vocabulary.ts';

/** What a driver can do: every word, each as its SDK says it. */
export type Driver = {
  readonly [Word in keyof Vocabulary]: (
    args: Parameters<Vocabulary[Word]>[0],
  ) => Promise<ReturnType<Vocabulary[Word]>>;
};

/** An exception's type by name, the SDK's nameless ones by that of the type they extend. */
function typeOf(error: object): string {
  let type = Object.getPrototypeOf(error) as object;
  while (type.constructor.name === '') type = Object.getPrototypeOf(type) as object;
  return type.constructor.name;
}

/**
 * Reads `{id, key, call, args}` lines from stdin and answers each with `{id, ok}` or `{id, error}`, in
 * the order in which they end. Each key has a client of its own.
 */
export function answerLines(
  driverFor: (connection: Connection, key: string | null) => Driver,
  tell: (error: Error) => Omit<ThrownError, 'name'>,
): void {
  const connection = JSON.parse(process.argv[2] ?? '') as Connection;
  const drivers = new Map<string | null, Driver>();
  const say = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, key, call, args } = JSON.parse(line) as Asked;
    const driver = drivers.get(key) ?? driverFor(connection, key);
    drivers.set(key, driver);
    driver[call](args).then(
      (ok) => say({ id, ok }),
      (error: Error) => say({ id, error: { name: typeOf(error), ...tell(error) } }),
    );
  });
}

interface Asked {
  readonly id: number;
  readonly key: string | null;
  readonly call: keyof Driver;
  readonly args: never;
}
