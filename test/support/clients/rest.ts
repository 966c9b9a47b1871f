import { QdrantClient } from '@qdrant/js-client-rest';
import { answerLines, type Driver } from './answer-lines.ts';
import {
  type Connection,
  dimensions,
  type Parity,
  type ThrownError,
  vectorOf,
} from './vocabulary.ts';

const filterOf = (parity: Parity) => ({ must: [{ key: 'parity', match: { value: parity } }] });
const filtered = (parity: Parity | undefined) => (parity ? { filter: filterOf(parity) } : {});

function driverFor({ http }: Connection, key: string | null): Driver {
  const apiKey = key === null ? {} : { apiKey: key };
  const client = new QdrantClient({ url: http, ...apiKey, checkCompatibility: false });
  return {
    create: async ({ collection, size = dimensions }) => {
      await client.createCollection(collection, { vectors: { size, distance: 'Cosine' } });
      return true;
    },
    exists: async ({ collection }) => (await client.collectionExists(collection)).exists,
    describe: async ({ collection }) => (await client.getCollection(collection)).points_count ?? 0,
    collections: async () => {
      const { collections } = await client.getCollections();
      return collections.map(({ name }) => name).sort();
    },
    upsert: async ({ collection, first, count, size, text }) => {
      const points = Array.from({ length: count }, (_, at) => {
        const id = first + at;
        const payload = { parity: id % 2 === 0 ? 'even' : 'odd', ...(text ? { text } : {}) };
        return { id, vector: vectorOf(id, size), payload };
      });
      await client.upsert(collection, { wait: true, points });
      return true;
    },
    search: async ({ collection, like, limit, size, parity }) => {
      const query = vectorOf(like, size);
      const found = await client.query(collection, { query, limit, ...filtered(parity) });
      return found.points.map(({ id, score }) => ({ id: Number(id), score }));
    },
    scroll: async ({ collection, limit, offset }) => {
      const page = await client.scroll(collection, {
        limit,
        with_payload: false,
        ...(typeof offset === 'number' ? { offset } : {}),
      });
      const next = page.next_page_offset;
      return {
        ids: page.points.map(({ id }) => Number(id)),
        next: typeof next === 'number' ? next : null,
      };
    },
    count: async ({ collection, parity }) => {
      return (await client.count(collection, { exact: true, ...filtered(parity) })).count;
    },
    deletePoints: async ({ collection, parity }) => {
      await client.delete(collection, { wait: true, filter: filterOf(parity) });
      return true;
    },
    alias: async ({ alias: alias_name, collection: collection_name }) => {
      const actions = [{ create_alias: { alias_name, collection_name } }];
      return client.updateCollectionAliases({ actions });
    },
    swap: async ({ alias: alias_name, collection: collection_name }) => {
      const actions = [
        { delete_alias: { alias_name } },
        { create_alias: { alias_name, collection_name } },
      ];
      return client.updateCollectionAliases({ actions });
    },
    aliases: async () => {
      const { aliases } = await client.getAliases();
      return aliases.map((each) => `${each.alias_name}=${each.collection_name}`).sort();
    },
    unalias: async ({ alias: alias_name }) => {
      return client.updateCollectionAliases({ actions: [{ delete_alias: { alias_name } }] });
    },
    snapshot: async ({ collection }) => (await client.createSnapshot(collection))?.name ?? '',
    snapshots: async ({ collection }) => {
      return (await client.listSnapshots(collection)).map(({ name }) => name);
    },
    deleteSnapshot: async ({ collection, snapshot }) => client.deleteSnapshot(collection, snapshot),
    drop: async ({ collection }) => client.deleteCollection(collection),
  } as Driver;
}

/** Of the client's own errors one carries the answer; the other only text. */
interface Thrown extends Error {
  readonly status?: number;
  readonly data?: unknown;
  readonly headers?: Headers;
}

function tell(error: Error): Omit<ThrownError, 'name'> {
  const { message, status, data, headers } = error as Thrown;
  return {
    message,
    ...(status === undefined ? {} : { status }),
    ...(data === undefined ? {} : { body: typeof data === 'string' ? data : JSON.stringify(data) }),
    refusal: headers?.get('x-vectorgate-refusal') ?? null,
    request: headers?.get('x-request-id') ?? null,
  };
}

answerLines(driverFor, tell);
