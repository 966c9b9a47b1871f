import { networkInterfaces } from 'node:os';
import type { PreparedUpstream } from '../gateway/prepare.ts';
import { isLoopback, type UpstreamUrl } from '../proxy/config.ts';
import { askedStatus } from './doctor-ask.ts';
import { askInTurn } from './doctor-credential.ts';
import type { Finding } from './finding.ts';
import { listensAt } from './plain-ask.ts';

/** Whether a database answers, asks for a credential, takes one of these secrets, and can be
 * reached past the gateway. */
export async function upstreamFindings(
  upstream: PreparedUpstream,
  secrets: readonly string[],
): Promise<readonly Finding[]> {
  const [answers, fence] = await Promise.all([
    answerFindings(upstream, secrets),
    fenceFindings(upstream),
  ]);
  return [...answers, ...fence];
}

/** The addresses of this host that others reach. */
export function outerAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
}

/** Where REST is asked. */
function restOf({ http, grpc }: PreparedUpstream['config']): UpstreamUrl {
  return http ?? grpc;
}

async function answerFindings(
  upstream: PreparedUpstream,
  secrets: readonly string[],
): Promise<readonly Finding[]> {
  const { config, database } = upstream;
  const { name } = config;
  const [request] = database.nameRequests;
  if (!request) return [];
  const ask = (secret: string | undefined) => {
    const fields = secret === undefined ? [] : database.credential(secret, request.protocol);
    return askedStatus(upstream, request, fields);
  };
  try {
    const without = await ask(undefined);
    if (without === 200) return [openTo(upstream)];
    const { factoryCredential: factory } = database;
    if (factory !== undefined && (await ask(factory)) === 200) return [factoryMade(name, factory)];
    const status =
      secrets.length === 0 ? without : await askInTurn(secrets, ask, (each) => each === 200);
    if (status === 200) return [];
    const message = `${name} answers the gateway's own request with status ${status}`;
    const remedy = `Correct the credential of upstreams.${name}`;
    return [{ id: 'upstream.credential', severity: 'high', message, remedy }];
  } catch (error) {
    const { host, port } = restOf(config);
    const message = `${name} does not answer at ${host}:${port}`;
    const remedy = `Start it, or correct its address (${(error as Error).message})`;
    return [{ id: 'upstream.unreachable', severity: 'high', message, remedy }];
  }
}

function factoryMade(name: string, factory: string): Finding {
  return {
    id: 'upstream.factory-credential',
    severity: 'high',
    message: `${name} still takes ${factory}, which everybody knows`,
    remedy: 'Give that user another password, and the gateway a user of its own as credential',
  };
}

function openTo({ config, database }: PreparedUpstream): Finding {
  const { name } = config;
  const local = isLoopback(restOf(config).host);
  const whom = local ? 'every process of this host' : 'everybody who reaches it';
  return {
    id: 'upstream.open',
    severity: local ? 'medium' : 'high',
    message: `${name} asks for no credential: ${whom} may do everything, unrecorded`,
    remedy: database.factoryCredential
      ? 'Turn its authorisation on, and give the gateway a user of its own as credential'
      : 'Give the database an API key, and the gateway the same as credential',
  };
}

/** A database on loopback must answer on no other address of this host. */
async function fenceFindings({ config, database }: PreparedUpstream): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const protocol of ['http', 'grpc'] as const) {
    const url = config[protocol];
    if (url === null || !isLoopback(url.host)) continue;
    const { port } = url;
    const { sidePorts } = database;
    const ports = [{ port, what: protocol }, ...(sidePorts ?? [])];
    const how = sidePorts ? fencing : bindingOrFencing;
    const tries = outerAddresses().flatMap((address) =>
      ports.map(async (one) => ((await listensAt(address, one.port)) ? { address, ...one } : null)),
    );
    for (const open of await Promise.all(tries)) {
      if (open) found.push(breach(`${config.name} (${open.what})`, open, how));
    }
  }
  return found;
}

/** What opens more ports than its own opens them on every interface, and cannot be told
 * otherwise. */
const fencing = 'Close it to other hosts by a firewall, a network of its own or a NetworkPolicy';
const bindingOrFencing =
  'Bind the database to 127.0.0.1, or close the port with a firewall or NetworkPolicy';

/** A way to a database that does not lead through the gateway, and what to do about it. */
export function breach(
  what: string,
  { address, port }: { readonly address: string; readonly port: number },
  remedy = bindingOrFencing,
): Finding {
  const message = `${what} can be reached at ${address}:${port}, past the gateway`;
  return { id: 'fence.open', severity: 'high', message, remedy };
}
