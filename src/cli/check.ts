import { loadConfig } from '../config/load.ts';
import { prepare } from '../gateway/prepare.ts';
import { Misconfigured, type Problem, problemLine } from '../problem.ts';
import type { Verb, VerbInput } from './verb.ts';

/** `vectorgate check`: reads everything that `serve` reads, and stops before a port is bound. */
export const verb: Verb = {
  name: 'check',
  summary: 'Check the configuration without opening a port',
  usage: 'check [--config vectorgate.yaml]',
  options: {
    config: {
      type: 'string',
      default: 'vectorgate.yaml',
      help: 'the configuration (default: vectorgate.yaml)',
    },
  },
  run: async (input) => {
    const { problems, warnings } = readAll(String(input.values['config']));
    tell(input, problems, warnings);
    return problems.length === 0 ? 0 : 2;
  },
};

interface Read {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

function readAll(file: string): Read {
  let warnings: readonly Problem[] = [];
  try {
    const loaded = loadConfig(file);
    warnings = loaded.warnings;
    prepare(loaded);
    return { problems: [], warnings };
  } catch (error) {
    if (error instanceof Misconfigured) return { problems: error.problems, warnings };
    throw error;
  }
}

function tell(input: VerbInput, problems: readonly Problem[], warnings: readonly Problem[]): void {
  if (input.json) {
    input.print(JSON.stringify({ ok: problems.length === 0, problems, warnings }));
    return;
  }
  for (const warning of warnings) input.complain(`warning: ${problemLine(warning)}`);
  for (const problem of problems) input.complain(problemLine(problem));
  if (problems.length === 0) input.print(`${input.values['config']} is good`);
}
