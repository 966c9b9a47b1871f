import { loadWithSecrets } from '../config/load-secrets.ts';
import { type Prepared, type PreparedUpstream, prepare } from '../gateway/prepare.ts';
import { lint } from '../policy/lint.ts';
import { loadPolicy } from '../policy/load.ts';
import { Misconfigured, type Problem } from '../problem.ts';
import { adminOptions } from './admin-door.ts';
import { certificateFindings, keyFindings } from './doctor-age.ts';
import { presentedCredentials } from './doctor-credential.ts';
import { modeFindings, sealFindings, spaceFindings } from './doctor-files.ts';
import { reconcile } from './doctor-reconcile.ts';
import { runtimeFindings } from './doctor-runtime.ts';
import { storeFindings } from './doctor-store.ts';
import { breach, upstreamFindings } from './doctor-upstream.ts';
import type { Finding } from './finding.ts';
import { listensAt } from './plain-ask.ts';
import { BadUsage, type Verb, type VerbInput } from './verb.ts';

/** Looks for what `check` cannot see: time, modes, the runtime, the database and its fence. Exit 1
 * where a finding is high. */
export const verb: Verb = {
  name: 'doctor',
  summary: 'Look for what is wrong around the gateway: files, keys, database, fence',
  usage: 'doctor [--config vectorgate.yaml] [--reconcile [--audit DIR …]] | --outside HOST:PORT …',
  options: {
    ...adminOptions,
    config: {
      type: 'string',
      default: 'vectorgate.yaml',
      help: 'the configuration (default: vectorgate.yaml)',
    },
    reconcile: { type: 'boolean', help: 'compare what the databases counted with the audit log' },
    audit: {
      type: 'string',
      multiple: true,
      help: 'the audit directories of all gateways before them (default: the configured one)',
    },
    outside: {
      type: 'string',
      multiple: true,
      help: 'a port of a database that must not answer here: run it on another host',
    },
  },
  run: async (input) => {
    const outside = listOf(input.values['outside']);
    const findings = outside.length > 0 ? await fromOutside(outside) : await fromHere(input);
    const order = { high: 0, medium: 1, low: 2 };
    findings.sort((one, other) => order[one.severity] - order[other.severity]);
    if (input.json) input.print(JSON.stringify({ findings }));
    else tell(input, findings);
    return findings.some(({ severity }) => severity === 'high') ? 1 : 0;
  },
};

function tell({ print }: VerbInput, findings: readonly Finding[]): void {
  if (findings.length === 0) print('nothing to say');
  for (const { id, severity, message, remedy } of findings) {
    print(`${severity.padEnd(6)}  ${id}: ${message}. ${remedy}.`);
  }
}

async function fromOutside(addresses: readonly string[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const text of addresses) {
    const [, host, digits] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
    if (host === undefined) throw new BadUsage(`${text} is no address; write HOST:PORT`);
    const bare = host.replace(/^\[(.*)\]$/, '$1');
    if (await listensAt(bare, Number(digits)))
      found.push(breach('the database', { address: host, port: Number(digits) }));
  }
  return found;
}

async function fromHere({ values }: VerbInput): Promise<Finding[]> {
  const file = String(values['config'] ?? 'vectorgate.yaml');
  const runtime = runtimeFindings(process.versions.node);
  const read = await readAll(file);
  if ('problems' in read)
    return [...runtime, ...read.problems.map(asFinding('config.bad', 'high'))];
  const { prepared, warnings } = read;
  const { config, material, keys, upstreams } = prepared;
  const now = Date.now();
  const audits = listOf(values['audit']);
  const directories = audits.length > 0 ? audits : [config.audit.directory];
  const presented = await presentedCredentials(values, config);
  const asked = upstreams.map(async (upstream) => {
    const secrets = presented.secretsOf(upstream);
    return [
      ...(await upstreamFindings(upstream, secrets)),
      ...(values['reconcile'] === true ? await reconcile(upstream, directories, secrets) : []),
      ...policyFindings(upstream),
    ];
  });
  return [
    ...runtime,
    ...warnings.map(asFinding('config.warning', 'medium')),
    ...modeFindings(file, config),
    ...certificateFindings(material.expires, now),
    ...keyFindings(keys.entries, now),
    ...sealFindings(config),
    ...(await spaceFindings(config)),
    ...(await storeFindings(config.store)),
    ...presented.findings,
    ...(await Promise.all(asked)).flat(),
  ];
}

/** Of the policies that the operator wrote, and not of those built in for a database's own
 * tokens. */
function policyFindings({ config, database }: PreparedUpstream): readonly Finding[] {
  const own = loadPolicy(config.policies, database);
  return lint(config.policies, own).map(asFinding('policy.lint', 'low'));
}

type ReadAll =
  | { readonly prepared: Prepared; readonly warnings: readonly Problem[] }
  | { readonly problems: readonly Problem[] };

async function readAll(file: string): Promise<ReadAll> {
  try {
    const loaded = await loadWithSecrets(file);
    await loaded.stores?.close();
    return { prepared: prepare(loaded), warnings: loaded.warnings };
  } catch (error) {
    if (error instanceof Misconfigured) return { problems: error.problems };
    throw error;
  }
}

function asFinding(id: string, severity: Finding['severity']): (problem: Problem) => Finding {
  return ({ file, line, path, message, remedy }) => {
    const at = `${file}${line === null ? '' : `:${line}`}${path === '' ? '' : ` ${path}:`}`;
    return { id, severity, message: `${at} ${message}`, remedy };
  };
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
