import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/catalog/qdrant/operations.ts';
import type { Row } from '../../src/catalog/qdrant/row.ts';
import type { Message } from '../../src/catalog/reading/message.ts';
import type { Shape } from '../../src/catalog/reading/shape.ts';

/** One row of shared facts: what an operation is upstream. */
interface Fact {
  readonly api: 'rest' | 'grpc';
  readonly method: string;
  readonly path?: string;
  readonly fullMethod?: string;
  readonly operation: string;
  readonly action: string;
  readonly collectionFrom: string | null;
  readonly otherCollectionRefs: readonly { readonly path: string; readonly kind: string }[];
  readonly bodyKinds: readonly string[];
  readonly query: readonly string[];
  readonly port: number;
  readonly internal: boolean;
}

/** What of a protobuf descriptor is looked at (@bufbuild/protobuf, DescMessage). */
interface Described {
  readonly typeName: string;
  readonly fields: readonly {
    readonly name: string;
    readonly number: number;
    readonly fieldKind: string;
    readonly listKind?: string;
    readonly message?: Described;
    readonly scalar?: number;
  }[];
}

const facts = JSON.parse(
  readFileSync(new URL('../data/qdrant-operations.json', import.meta.url), 'utf8'),
) as readonly Fact[];
const rowOf = new Map(operations.map((row) => [row.name, row]));
const restFacts = facts.filter(({ api }) => api === 'rest');
const rpcFacts = facts.filter(({ api }) => api === 'grpc');
const client = createRequire(import.meta.url);

function rowFor({ operation }: Fact): Row {
  const row = rowOf.get(operation);
  if (!row) throw new Error(`no row for ${operation}`);
  return row;
}

describe('the facts file and the catalogue', () => {
  it.each(facts)('agree on $api $operation: it has a row with its action', (fact) => {
    expect(rowFor(fact).action).toBe(fact.action);
  });

  it('name the same operations', () => {
    expect([...rowOf.keys()].sort()).toEqual(
      [...new Set(facts.map(({ operation }) => operation))].sort(),
    );
  });

  it('name the same REST routes', () => {
    const known = restFacts.map(({ method, path, port }) =>
      port === 6333 ? `${method} ${path}` : `${method} :metrics_port${path}`,
    );
    expect(operations.flatMap(({ http }) => http).sort()).toEqual(known.sort());
  });

  it('name the same RPCs', () => {
    const known = rpcFacts.map(({ fullMethod }) => fullMethod);
    expect(operations.flatMap(({ grpc }) => grpc).sort()).toEqual(known.sort());
  });

  const served = restFacts.filter(({ port }) => port === 6333);
  it.each(served)(
    'agree on $method $path: parameters, body and where it names its collection',
    (fact) => {
      const { rest } = rowFor(fact);
      expect(rest?.query.toSorted()).toEqual(fact.query.toSorted());
      expect((rest?.collectionAt ?? -1) >= 0).toBe(fact.collectionFrom === 'path');
      const [kind] = fact.bodyKinds;
      const body = rest?.body;
      if (kind === 'none') expect(body?.kind).toBe('none');
      else if (kind === 'multipart') expect(body).toEqual({ kind: 'stream', type: 'multipart' });
      else
        expect(body?.kind === 'held' || (body?.kind === 'stream' && body.type === 'json')).toBe(
          true,
        );
    },
  );

  const referring = served.filter((fact) => fact.otherCollectionRefs.length > 0);
  it.each(referring)('agree on $method $path: every other reference', (fact) => {
    for (const { path } of fact.otherCollectionRefs) {
      if (notRead.has(`${fact.operation} ${path}`)) continue;
      const { rest } = rowFor(fact);
      if (rest?.body.kind !== 'held') throw new Error(`${fact.operation} reads no body`);
      for (const steps of pathsOf(path)) expect(markAt(rest.body.shape, steps)).toBeDefined();
    }
  });

  it.each(rpcFacts.filter(({ internal }) => !internal))(
    'agree on $fullMethod: every reference',
    (fact) => {
      const { rpc, closed } = rowFor(fact);
      if (closed !== undefined) return;
      const paths = fact.otherCollectionRefs.map(({ path }) => path);
      if (fact.collectionFrom !== null) paths.push(fact.collectionFrom);
      for (const path of paths) {
        for (const numbers of fieldPathsOf(path)) {
          expect(textAt(rpc?.message, numbers), `${path} as ${numbers}`).toBeDefined();
        }
      }
    },
  );
});

/** References of the facts file that no body reader need find, and why. */
const notRead = new Map([
  ['snapshots.upload multipart:snapshot (tar content)', 'names no collection'],
  ['shard_snapshots.upload multipart:snapshot', 'names no collection'],
  ['shard_snapshots.partial_recover multipart:snapshot', 'names no collection'],
  ['snapshots.recover body:/api_key', 'a secret for the location, which is a file'],
  ['shard_snapshots.recover body:/api_key', 'a secret for the location, which is a file'],
  ['shard_snapshots.partial_recover_from body:/peer_url', 'passes for nobody'],
  ['shard_snapshots.partial_recover_from body:/api_key', 'passes for nobody'],
  ['service.audit_logs body:/filters/collection', 'a filter of an operation on everything'],
]);

/** `body:/prefetch(/*)?(/prefetch(/*)?)*‌/x` in the forms it stands for, a few levels deep. */
function pathsOf(path: string): string[][] {
  const base = path.replace('body:', '');
  const nested = '(/*)?(/prefetch(/*)?)*';
  if (!base.includes(nested)) return [base.slice(1).split('/')];
  const forms = ['', '/*', '/prefetch', '/*/prefetch/*', '/prefetch/*/prefetch'];
  return forms.map((form) => base.replace(nested, form).slice(1).split('/'));
}

function markAt(shape: Shape | undefined, steps: readonly string[]): string | undefined {
  let at = shape;
  for (const step of steps) at = step === '*' ? at?.items : at?.members?.get(step);
  return at?.text ? at.mark : undefined;
}

/** `field:2(.1)*.8.1` at some depths. */
function fieldPathsOf(path: string): number[][] {
  const base = path.replace('field:', '');
  const forms = base.includes('(.1)*') ? ['', '.1', '.1.1.1'] : [''];
  return forms.map((form) => base.replace('(.1)*', form).split('.').map(Number));
}

function textAt(message: Message | undefined, numbers: readonly number[]): string | undefined {
  let at = message;
  for (const number of numbers.slice(0, -1)) {
    const field = at?.fields.get(number);
    at = field?.kind === 'message' ? field.message : undefined;
  }
  const last = at?.fields.get(numbers.at(-1) as number);
  return last?.kind === 'text' ? last.mark : undefined;
}

describe('the descriptors inside @qdrant/js-client-grpc and the catalogue', async () => {
  const methods = await describedMethods();
  const rowByPath = new Map(operations.flatMap((row) => row.grpc.map((path) => [path, row])));

  it("are those of a client that has Qdrant's four services", () => {
    expect(methods.length).toBeGreaterThan(50);
  });

  it.each(methods)('know $path', ({ path }) => {
    expect(rowByPath.has(path)).toBe(true);
  });

  it.each(methods)('agree on every field of $path that looks like a name', ({ path, input }) => {
    const row = rowByPath.get(path);
    const found = namesIn(input, row?.rpc?.message, []);
    expect(found.filter((field) => !harmlessFields.has(field))).toEqual([]);
  });
});

/** Fields that look like names of collections, aliases or snapshots and are none. */
const harmlessFields = new Map([
  ['qdrant.StrictModeConfig.max_collection_vector_size_bytes', 'a number'],
  ['qdrant.StrictModeConfig.max_collection_payload_size_bytes', 'a number'],
  ['qdrant.IntegerIndexParams.lookup', 'a flag'],
]);

const looksLikeName = /collection|alias|lookup|snapshot|location|init_from/;

/** Every field below `described` that looks like a name and that `message` does not read. */
function namesIn(
  described: Described,
  message: Message | undefined,
  within: readonly Described[],
): string[] {
  if (within.filter((outer) => outer === described).length > 1) return [];
  return described.fields.flatMap(({ name, number, message: inner, fieldKind, listKind }) => {
    const field = message?.fields.get(number);
    if (inner && (fieldKind === 'message' || listKind === 'message')) {
      const known = field?.kind === 'message' ? field : undefined;
      if (known && (known.repeated === true) !== (fieldKind === 'list')) {
        return [`${described.typeName}.${name} is not as often as the table says`];
      }
      return namesIn(inner, known?.message, [...within, described]);
    }
    const reads = field?.kind === 'text';
    return looksLikeName.test(name) && !reads ? [`${described.typeName}.${name}`] : [];
  });
}

async function describedMethods(): Promise<{ path: string; input: Described }[]> {
  const folder = join(client.resolve('@qdrant/js-client-grpc'), '../../esm/proto');
  const files = ['collections_service', 'points_service', 'snapshots_service', 'qdrant'];
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, `${file}_pb.js`)).href)),
  );
  return modules.flatMap((module) =>
    Object.values(module as Record<string, unknown>).flatMap((value) => methodsOf(value)),
  );
}

function methodsOf(value: unknown): { path: string; input: Described }[] {
  const service = value as {
    readonly kind?: string;
    readonly typeName: string;
    readonly methods: readonly { readonly name: string; readonly input: Described }[];
  };
  if (service.kind !== 'service') return [];
  return service.methods.map(({ name, input }) => ({
    path: `/${service.typeName}/${name}`,
    input,
  }));
}

describe('the OpenAPI types of @qdrant/js-client-rest and the catalogue', () => {
  const types = readFileSync(
    join(client.resolve('@qdrant/js-client-rest'), '../../types/openapi/generated_schema.d.ts'),
    'utf8',
  );
  const routes = routesIn(types);

  it('have the routes of Qdrant', () => {
    expect(routes.length).toBeGreaterThan(60);
  });

  it.each(routes)('know %s', (route) => {
    expect(rowOfRoute(route)).toBeDefined();
  });

  it('agree on every property that looks like a name', () => {
    const found = propertiesIn(types).filter((property) => looksLikeName.test(property));
    expect(found.filter((property) => !readProperties.has(property))).toEqual([]);
  });

  it('agree on the query parameters of every route', () => {
    for (const route of routes) {
      const row = rowOfRoute(route);
      for (const parameter of parametersOf(types, route))
        expect(row?.rest?.query).toContain(parameter);
    }
  });
});

/** The two descriptions call some parameters by different names. */
function rowOfRoute(route: string): Row | undefined {
  const shape = (text: string) => text.replace(/\{\w+\}/g, '{}');
  return operations.find(({ http }) => http.some((own) => shape(own) === shape(route)));
}

/** Properties of the schemas that look like names: where they are read, or why they need not be. */
const readProperties = new Map([
  ['CreateAliasOperation.create_alias', 'shapes.aliases'],
  ['CreateAlias.collection_name', 'shapes.aliases'],
  ['CreateAlias.alias_name', 'shapes.aliases'],
  ['DeleteAliasOperation.delete_alias', 'shapes.aliases'],
  ['DeleteAlias.alias_name', 'shapes.aliases'],
  ['RenameAliasOperation.rename_alias', 'shapes.aliases'],
  ['RenameAlias.old_alias_name', 'shapes.aliases'],
  ['RenameAlias.new_alias_name', 'shapes.aliases'],
  ['SnapshotRecover.location', 'shapes.recover'],
  ['ShardSnapshotRecover.location', 'shapes.recover'],
  ['RecommendRequest.lookup_from', 'shapes.lookingUp'],
  ['RecommendGroupsRequest.lookup_from', 'shapes.lookingUpGroups'],
  ['RecommendGroupsRequest.with_lookup', 'shapes.lookingUpGroups'],
  ['DiscoverRequest.lookup_from', 'shapes.lookingUp'],
  ['SearchGroupsRequest.with_lookup', 'shapes.searchGroups'],
  ['QueryRequest.lookup_from', 'shapes.query'],
  ['Prefetch.lookup_from', 'shapes.query'],
  ['QueryGroupsRequest.lookup_from', 'shapes.queryGroups'],
  ['QueryGroupsRequest.with_lookup', 'shapes.queryGroups'],
  ['LookupLocation.collection', 'lookup_from'],
  ['WithLookup.collection', 'with_lookup'],
  ['StrictModeConfig.max_collection_vector_size_bytes', 'a number'],
  ['StrictModeConfig.max_collection_payload_size_bytes', 'a number'],
  ['StrictModeConfigOutput.max_collection_vector_size_bytes', 'an answer'],
  ['StrictModeConfigOutput.max_collection_payload_size_bytes', 'an answer'],
  ['IntegerIndexParams.lookup', 'a flag'],
  ['CollectionsResponse.collections', 'an answer'],
  ['CollectionsAliasesResponse.aliases', 'an answer'],
  ['AliasDescription.alias_name', 'an answer'],
  ['AliasDescription.collection_name', 'an answer'],
  ['TelemetryData.collections', 'an answer'],
  ['CollectionsTelemetry.number_of_collections', 'an answer'],
  ['CollectionsTelemetry.max_collections', 'an answer'],
  ['CollectionsTelemetry.collections', 'an answer'],
  ['CollectionsTelemetry.snapshots', 'an answer'],
  ['CollectionSnapshotTelemetry.running_snapshots', 'an answer'],
  ['CollectionSnapshotTelemetry.running_snapshot_recovery', 'an answer'],
  ['CollectionSnapshotTelemetry.total_snapshot_creations', 'an answer'],
  ['ReplicaSetTelemetry.partial_snapshot', 'an answer'],
  ['PartialSnapshotTelemetry.ongoing_create_snapshot_requests', 'an answer'],
  ['DistributedReplicaTelemetry.partial_snapshot', 'an answer'],
  ['WebApiTelemetry.per_collection_responses', 'an answer'],
  ['GrpcTelemetry.per_collection_responses', 'an answer'],
  ['HardwareTelemetry.collection_data', 'an answer'],
  ['DistributedTelemetryData.collections', 'an answer'],
  ['PointGroup.lookup', 'an answer'],
]);

/** `POST /collections/{collection_name}/points/query`, from the interface `paths`. */
function routesIn(types: string): string[] {
  const routes: string[] = [];
  let path = '';
  for (const line of types.slice(types.indexOf('export interface paths')).split('\n')) {
    if (line === '}') break;
    path = /^ {4}"(\/[^"]*)": \{$/.exec(line)?.[1] ?? path;
    const method = /^ {8}(get|put|post|patch|delete|options|head): operations/.exec(line)?.[1];
    if (method) routes.push(`${method.toUpperCase()} ${path}`);
  }
  return routes;
}

/** `QueryRequest.lookup_from`, from the interface `components`. */
function propertiesIn(types: string): string[] {
  const properties: string[] = [];
  let schema = '';
  const start = types.indexOf('export interface components');
  for (const line of types.slice(start).split('\n')) {
    if (line === '}') break;
    schema = /^ {8}(\w+): /.exec(line)?.[1] ?? schema;
    const property = /^ {12,}"?(\w+)"?\??: /.exec(line)?.[1];
    if (property) properties.push(`${schema}.${property}`);
  }
  return [...new Set(properties)];
}

function parametersOf(types: string, route: string): string[] {
  const [method, path] = route.split(' ') as [string, string];
  const at = types.indexOf(`    "${path}": {`);
  const operation = new RegExp(`^ {8}${method.toLowerCase()}: operations\\["(\\w+)"\\]`, 'm').exec(
    types.slice(at),
  )?.[1];
  const from = types.indexOf(`    ${operation}: {`, types.indexOf('export interface operations'));
  const block = /^ {12}query\?: \{\n([\s\S]*?)^ {12}\};/m.exec(
    types.slice(from, types.indexOf('\n    };', from)),
  )?.[1];
  return [...(block ?? '').matchAll(/^ {16}(\w+)\??:/gm)].map(([, name]) => name as string);
}
