import type { ParseArgsOptionsConfig } from 'node:util';

/** What a verb is run with. */
export interface VerbInput {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
  /** Print one JSON document (or JSON lines where the contract says so) instead of text. */
  readonly json: boolean;
  /** Writes a line to stdout. */
  readonly print: (line: string) => void;
  /** Writes a line to stderr. */
  readonly complain: (line: string) => void;
}

/** A command called wrongly, with a sentence for people: exit code 2. */
export class BadUsage extends Error {}

/** One command of `vectorgate`: a file of its own under `cli/`. */
export interface Verb {
  /** `keys create` */
  readonly name: string;
  /** One sentence, for the list of commands. */
  readonly summary: string;
  /** `keys create --name N --role R … [--expires 90d]` */
  readonly usage: string;
  /** How many words it takes besides options; none where this is left out. */
  readonly words?: number;
  /** Help text of each option, beside its type. `--json`, `--help` belong to every verb. */
  readonly options: Readonly<Record<string, ParseArgsOptionsConfig[string] & { help: string }>>;
  /** Gives the exit code. Throws `Misconfigured`, `BadUsage`, or `Error` with a sentence for
   * people. */
  run(input: VerbInput): Promise<number>;
}
