import { describe, expect, it } from 'vitest';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { operations } from '../../../src/catalog/qdrant/operations.ts';
import type { Row } from '../../../src/catalog/qdrant/row.ts';
import { namesOf } from '../names.ts';
import { intentOf, needsIn, refusalOf, restHead, rpcHead } from '../request.ts';

const names = namesOf(['real', 'pub'], { alias: 'real' });

const values: Readonly<Record<string, string>> = {
  collection_name: 'alias',
  id: '18446744073709551615',
  shard: '0',
  peer_id: '77',
  snapshot_name: 'real-1-2026.snapshot',
  snapshot: 'real-shard-0.snapshot',
  field_name: 'a.b%5B%5D.c',
  vector_name: 'text',
  key: 'k',
};

const bodies: Readonly<Record<string, string>> = {
  'aliases.update': '{"actions":[{"delete_alias":{"alias_name":"alias"}}]}',
  'points.update_batch': '{"operations":[]}',
  'snapshots.recover': '{"location":"file:///qdrant/snapshots/real/a.snapshot"}',
  'shard_snapshots.recover': '{"location":"a.snapshot"}',
};

function routeOf({ rest }: Row, collection: string): string {
  const own = { ...values, collection_name: collection };
  const path = rest?.pattern.replace(/\{(\w+)\}/g, (_, name: keyof typeof own) => `${own[name]}`);
  return `${rest?.method} ${path}`;
}

const fieldsOf = ({ rest }: Row) =>
  rest?.body.kind === 'stream' && rest.body.type === 'multipart'
    ? { 'content-type': 'multipart/form-data; boundary=x' }
    : {};

const open = operations.filter(({ closed, answer }) => closed === undefined && !answer);
const overRest = open.filter(({ rest }) => rest !== null);
const overRpc = open.filter(({ rpc }) => rpc !== null);

describe('every operation over REST', () => {
  it.each(overRest)('$name is found and judged on the collection of its path', async (row) => {
    const head = restHead(routeOf(row, 'alias'), fieldsOf(row));
    const intent = await intentOf(head, bodies[row.name] ?? '{}', names);
    expect(intent.operation).toBe(row);
    expect(intent.request.method).toBe(row.rest?.method);
    if (row.rest?.collectionAt === -1) return;
    const seen = row.literal ? 'alias>alias' : 'alias>real';
    expect(needsIn(intent)).toContain(`${row.action} ${row.name} on ${seen}`);
    expect(intent.request.target).toBe(routeOf(row, row.literal ? 'alias' : 'real').split(' ')[1]);
  });

  it.each(overRest)('$name is denied by its head alone where that tells', (row) => {
    const located = qdrant.locate(restHead(routeOf(row, 'pub'), fieldsOf(row)));
    const early = located.needs(names);
    const late = ['aliases.update', 'collections.create'].includes(row.name);
    const free = row.action === 'list' && row.rest?.collectionAt === -1;
    expect(early.length > 0).toBe(!late && !free);
  });

  it.each(overRest)('$name takes each of its parameters once and no other', async (row) => {
    const route = routeOf(row, 'pub');
    const located = (query: string) => () =>
      qdrant.locate(restHead(`${route}?${query}`, fieldsOf(row)));
    for (const name of row.rest?.query ?? []) {
      expect(located(`${name}=1`)).not.toThrow();
      expect((await refusalOf(located(`${name}=1&${name}=1`))).message).toContain('twice');
    }
    expect((await refusalOf(located('api-key=x'))).message).toContain('unknown parameter');
  });
});

describe('every operation over gRPC', () => {
  const collection = Buffer.from([0x0a, 0x05, ...Buffer.from('alias')]);
  const file = Buffer.from([0x12, 0x01, 0x61]);

  it.each(overRpc)('$name is found and judged on the collection in its message', async (row) => {
    const namesOne = row.rpc?.message.fields.get(1)?.kind === 'text';
    if (row.name === 'aliases.update' || row.name === 'full_snapshots.delete') return;
    const more = row.name === 'snapshots.delete' ? file : Buffer.alloc(0);
    const body = namesOne ? Buffer.concat([collection, more]) : more;
    const intent = await intentOf(rpcHead(row.grpc[0] as string), body, names);
    expect(intent.operation).toBe(row);
    if (!namesOne) return expect(intent.request.body).toEqual(body);
    const seen = row.literal ? 'alias>alias' : 'alias>real';
    expect(needsIn(intent)).toContain(`${row.action} ${row.name} on ${seen}`);
    const sent = Buffer.from(intent.request.body as Uint8Array).toString('latin1');
    expect(sent.startsWith(row.literal ? '\n\u0005alias' : '\n\u0004real')).toBe(true);
    expect(sent.endsWith(more.toString('latin1'))).toBe(true);
  });

  it('refuses a call whose message names no collection', async () => {
    for (const row of overRpc) {
      if (row.rpc?.message.fields.get(1)?.kind !== 'text') continue;
      const refused = await refusalOf(() => intentOf(rpcHead(row.grpc[0] as string), '', names));
      expect(refused.code).toBe('unreadable-request');
    }
  });
});

describe('an operation that passes for nobody', () => {
  const closed = operations.filter((row) => row.closed !== undefined);

  it.each(closed)('$name is known, and refused before its body is read', async (row) => {
    const heads = [
      ...(row.rest
        ? [restHead(routeOf(row, 'pub').replace('{tail:.*}', 'x').replace('{any}', 'x'))]
        : []),
      ...(row.rpc ? [rpcHead(row.rpc.path)] : []),
    ];
    for (const head of heads) {
      const located = qdrant.locate(head);
      expect(located.hold).toBeNull();
      const refused = await refusalOf(() => located.read(null));
      const hidden = row.action === 'public' || row.action === 'list';
      expect(refused.code).toBe(hidden ? 'unknown-operation' : 'not-permitted');
      if (!hidden)
        expect(needsIn({ needs: located.needs(names) })).toEqual([
          `${row.action} ${row.name} on the database`,
        ]);
    }
  });

  it('has every `never` row among them', () => {
    expect(operations.filter(({ action, closed }) => action === 'never' && !closed)).toEqual([]);
  });

  it('cannot be reached by the path of another', async () => {
    for (const route of [
      'GET /logger/x',
      'GET /metrics/..',
      'TRACE /collections',
      'get /collections',
    ])
      await refusalOf(() => qdrant.locate(restHead(route)));
    for (const path of [
      '/qdrant.Points/query',
      '/qdrant.Points/Query/',
      'qdrant.Points/Query',
      '*',
    ])
      expect((await refusalOf(() => qdrant.locate(rpcHead(path)))).code).toBe('unknown-operation');
  });
});
