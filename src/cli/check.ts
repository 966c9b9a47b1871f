import { loadWithSecrets } from '../config/load-secrets.ts';
import { prepare } from '../gateway/prepare.ts';
import { Misconfigured, type Problem, problemLine } from '../problem.ts';
import type { Verb, VerbInput } from './verb.ts';

/** `vectorgate check`: reads everything that `serve` reads, and stops before a port is bound. */
export const verb: Verb = {
  name: 'check',
  summary: 'Check the configuration without opening a port',
  usage: 'check [--config vectorgate.yaml] [--offline]',
  options: {
    config: {
      type: 'string',
      default: 'vectorgate.yaml',
      help: 'the configuration (default: vectorgate.yaml)',
    },
    offline: { type: 'boolean', help: 'ask no secret store, and say what was not fetched' },
  },
  run: async (input) => {
    const { values } = input;
    const read = await readAll(String(values['config']), values['offline'] === true);
    tell(input, read);
    return read.problems.length === 0 ? 0 : 2;
  },
};

interface Read {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** References to secret stores that were not looked up. */
  readonly unfetched: readonly string[];
}

async function readAll(file: string, offline: boolean): Promise<Read> {
  let told: Omit<Read, 'problems'> = { warnings: [], unfetched: [] };
  try {
    const loaded = await loadWithSecrets(file, offline);
    await loaded.stores?.close();
    told = loaded;
    prepare(loaded);
    return { problems: [], ...told };
  } catch (error) {
    if (error instanceof Misconfigured) return { ...told, problems: error.problems };
    throw error;
  }
}

function tell(input: VerbInput, { problems, warnings, unfetched }: Read): void {
  if (input.json) {
    const ok = problems.length === 0;
    input.print(JSON.stringify({ ok, problems, warnings, unfetched }));
    return;
  }
  for (const warning of warnings) input.complain(`warning: ${problemLine(warning)}`);
  for (const name of unfetched) input.complain(`not fetched: \${${name}}`);
  for (const problem of problems) input.complain(problemLine(problem));
  if (problems.length === 0) input.print(`${input.values['config']} is good`);
}
