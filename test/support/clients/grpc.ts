import { QdrantClient } from '@qdrant/js-client-grpc';
import { answerLines, type Driver } from './answer-lines.ts';
import {
  type Connection,
  dimensions,
  type Parity,
  type ThrownError,
  vectorOf,
} from './vocabulary.ts';

const cosine = 1;
const numbered = (id: number) => {
  return { pointIdOptions: { case: 'num', value: BigInt(id) } } as const;
};
const denseOf = (id: number, size?: number) => {
  return { case: 'dense', value: { data: vectorOf(id, size) } } as const;
};

function filterOf(parity: Parity) {
  const match = { matchValue: { case: 'keyword', value: parity } } as const;
  const condition = { case: 'field', value: { key: 'parity', match } } as const;
  return { must: [{ conditionOneOf: condition }] };
}
const filtered = (parity: Parity | undefined) => (parity ? { filter: filterOf(parity) } : {});

function payloadOf(id: number, text: string | undefined) {
  const value = (string: string) => ({ kind: { case: 'stringValue', value: string } as const });
  const parity = value(id % 2 === 0 ? 'even' : 'odd');
  return text === undefined ? { parity } : { parity, text: value(text) };
}

const taken = (aliasName: string) => {
  return { action: { case: 'deleteAlias', value: { aliasName } } } as const;
};
const given = (aliasName: string, collectionName: string) => {
  return { action: { case: 'createAlias', value: { aliasName, collectionName } } } as const;
};

function driverFor({ grpc }: Connection, key: string | null): Driver {
  const apiKey = key === null ? {} : { apiKey: key };
  const client = new QdrantClient({ url: grpc, ...apiKey, checkCompatibility: false });
  const collections = client.api('collections');
  const points = client.api('points');
  const snapshots = client.api('snapshots');
  return {
    create: async ({ collection: collectionName, size = dimensions }) => {
      const params = { case: 'params', value: { size: BigInt(size), distance: cosine } } as const;
      await collections.create({ collectionName, vectorsConfig: { config: params } });
      return true;
    },
    exists: async ({ collection: collectionName }) => {
      return (await collections.collectionExists({ collectionName })).result?.exists === true;
    },
    describe: async ({ collection: collectionName }) => {
      return Number((await collections.get({ collectionName })).result?.pointsCount);
    },
    collections: async () => {
      return (await collections.list({})).collections.map(({ name }) => name).sort();
    },
    upsert: async ({ collection: collectionName, first, count, size, text }) => {
      const all = Array.from({ length: count }, (_, at) => ({
        id: numbered(first + at),
        vectors: {
          vectorsOptions: { case: 'vector', value: { vector: denseOf(first + at, size) } } as const,
        },
        payload: payloadOf(first + at, text),
      }));
      await points.upsert({ collectionName, wait: true, points: all });
      return true;
    },
    search: async ({ collection: collectionName, like, limit, size, parity }) => {
      const nearest = { case: 'nearest', value: { variant: denseOf(like, size) } } as const;
      const found = await points.query({
        collectionName,
        query: { variant: nearest },
        limit: BigInt(limit),
        ...filtered(parity),
      });
      return found.result.map(({ id, score }) => ({ id: Number(id?.pointIdOptions.value), score }));
    },
    scroll: async ({ collection: collectionName, limit, offset }) => {
      const from = typeof offset === 'number' ? { offset: numbered(offset) } : {};
      const page = await points.scroll({ collectionName, limit, ...from });
      const next = page.nextPageOffset?.pointIdOptions.value;
      return {
        ids: page.result.map(({ id }) => Number(id?.pointIdOptions.value)),
        next: next === undefined ? null : Number(next),
      };
    },
    count: async ({ collection: collectionName, parity }) => {
      const counted = await points.count({ collectionName, exact: true, ...filtered(parity) });
      return Number(counted.result?.count);
    },
    deletePoints: async ({ collection: collectionName, parity }) => {
      const selector = { case: 'filter', value: filterOf(parity) } as const;
      const selected = { pointsSelectorOneOf: selector };
      await points.delete({ collectionName, wait: true, points: selected });
      return true;
    },
    alias: async ({ alias, collection }) => {
      return (await collections.updateAliases({ actions: [given(alias, collection)] })).result;
    },
    swap: async ({ alias, collection }) => {
      const actions = [taken(alias), given(alias, collection)];
      return (await collections.updateAliases({ actions })).result;
    },
    aliases: async () => {
      const { aliases } = await collections.listAliases({});
      return aliases.map((each) => `${each.aliasName}=${each.collectionName}`).sort();
    },
    unalias: async ({ alias }) => {
      return (await collections.updateAliases({ actions: [taken(alias)] })).result;
    },
    snapshot: async ({ collection: collectionName }) => {
      return (await snapshots.create({ collectionName })).snapshotDescription?.name ?? '';
    },
    snapshots: async ({ collection: collectionName }) => {
      return (await snapshots.list({ collectionName })).snapshotDescriptions.map(
        ({ name }) => name,
      );
    },
    deleteSnapshot: async ({ collection: collectionName, snapshot: snapshotName }) => {
      await snapshots.delete({ collectionName, snapshotName });
      return true;
    },
    drop: async ({ collection: collectionName }) => {
      return (await collections.delete({ collectionName })).result;
    },
  } as Driver;
}

/** What the client's `ConnectError` carries. */
interface Thrown extends Error {
  readonly code?: number;
  readonly rawMessage?: string;
  readonly metadata?: Headers;
}

function tell(error: Error): Omit<ThrownError, 'name'> {
  const { message, code, rawMessage, metadata } = error as Thrown;
  return {
    message: rawMessage ?? message,
    ...(code === undefined ? {} : { code }),
    refusal: metadata?.get('x-vectorgate-refusal') ?? null,
    request: metadata?.get('x-request-id') ?? null,
  };
}

answerLines(driverFor, tell);
