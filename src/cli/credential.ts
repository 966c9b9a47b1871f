import type { CredentialAction, CredentialReport } from '../admin/credentials.ts';
import { loadWithSecrets } from '../config/load-secrets.ts';
import { adminOptions, adminPlace } from './admin-door.ts';
import { askAdmin } from './ask-admin.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

const summaries: Readonly<Record<CredentialAction, string>> = {
  status: 'Tell which credential a running gateway presents to each database',
  test: 'Show each configured credential to its database, and tell what it says',
  switch: 'Present the other configured credential, once the database has taken it',
  rollback: 'Present the credential of before again, once the database has taken it',
};

const changes: readonly CredentialAction[] = ['switch', 'rollback'];

/** One of the commands about what a running gateway presents to its databases, over its admin port.
 * Exit 1 where it did not come about at every upstream. */
export function credentialVerb(action: CredentialAction): Verb {
  return {
    name: `credential ${action}`,
    summary: summaries[action],
    usage: `credential ${action} [UPSTREAM | --all] [--config vectorgate.yaml]`,
    words: 1,
    options: {
      all: { type: 'boolean', help: 'at every upstream' },
      ...adminOptions,
    },
    run: (input) => run(action, input),
  };
}

interface Answer {
  readonly ok: boolean;
  readonly upstreams: readonly CredentialReport[];
}

async function run(action: CredentialAction, input: VerbInput): Promise<number> {
  const { values, positionals, json, print } = input;
  const { config, stores } = await loadWithSecrets(String(values['config'] ?? 'vectorgate.yaml'));
  await stores?.close();
  const { admin, upstreams } = config;
  const door = adminPlace(values)?.door;
  if (!admin || !door) throw new Error('the configuration opens no admin port; add admin:');
  const [named] = positionals;
  const name = named ?? (upstreams.length === 1 ? upstreams[0]?.name : undefined);
  const all = values['all'] === true;
  if (named !== undefined && all) throw new BadUsage('name one upstream, or write --all');
  if (changes.includes(action) && name === undefined && !all) {
    throw new BadUsage(`name one of ${upstreams.map((each) => each.name).join(', ')}, or --all`);
  }
  const query = name === undefined || all ? '' : `?upstream=${encodeURIComponent(name)}`;
  const answer = (await askAdmin(
    { ...door, token: door.token ?? admin.token ?? null },
    {
      method: action === 'status' ? 'GET' : 'POST',
      target: `/credentials${action === 'status' ? '' : `/${action}`}${query}`,
    },
  )) as Answer;
  if (json) print(JSON.stringify(answer));
  else for (const report of answer.upstreams) tell(report, input);
  return answer.ok ? 0 : 1;
}

function tell({ upstream, reason, state, tests }: CredentialReport, { print }: VerbInput): void {
  if (state === null) print(`${upstream}: ${reason ?? 'no credential is configured'}`);
  else {
    const failed = reason ?? state.failure?.reason;
    const other = [
      ...(state.secondary ? ['a secondary is configured'] : []),
      ...(state.previous ? ['the one before is kept'] : []),
    ].join(', ');
    print(`${upstream}: ${state.inForce} since ${state.since}${other === '' ? '' : ` (${other})`}`);
    if (failed) print(`  ${failed}`);
  }
  for (const test of tests ?? []) {
    print(`  ${test.credential}: ${test.accepted ? 'taken' : `not taken: ${test.reason}`}`);
  }
}
