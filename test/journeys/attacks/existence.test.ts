import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { delimited } from '../../fuzz/support/calls.ts';
import { frame } from './call-cases.ts';
import { ask, openScene, openSession, type Scene } from './scene.ts';

/** A world with the secret and its aliases, and one without. */
interface World {
  readonly scene: Scene;
  readonly rest: ClientHttp2Session;
  readonly grpc: ClientHttp2Session;
}

let worlds: readonly World[];

beforeAll(async () => {
  const scenes = await Promise.all([openScene(true), openScene(false)]);
  worlds = scenes.map((scene) => ({
    scene,
    rest: openSession(scene, 'http'),
    grpc: openSession(scene, 'grpc'),
  }));
});

afterAll(async () => {
  for (const { scene, rest, grpc } of worlds) {
    rest.destroy();
    grpc.destroy();
    await scene.close();
  }
});

type Principal = 'own' | 'reader' | 'nothing';
const principals: readonly Principal[] = ['own', 'reader', 'nothing'];
const names = ['sec', 'sec_alias'];

/** What differs between any two answers: when, how long, and which. */
function timeless(text: string): string {
  return text
    .replace(/"time":[0-9.e-]+/g, '"time":T')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'DATE')
    .replace(/"(startup|id|avg_duration_micros|total_duration_micros)":"?[^,}"]+"?/g, '"$1":X')
    .replace(/x-request-id: \S+/g, '');
}

async function toldIn(
  world: World,
  protocol: 'rest' | 'grpc',
  fields: string[],
  who: Principal,
  body: Buffer | null,
) {
  const told = await ask(world[protocol], [...fields, 'api-key', world.scene.key(who)], body);
  const { request, ...rest } = told;
  expect(request).toBeDefined();
  const text = protocol === 'grpc' ? withoutTime(rest.body) : timeless(rest.body);
  return { ...rest, body: text };
}

/** A message's doubles are times. */
function withoutTime(body: string): string {
  return body.replace(/[\x11\x19\x21][\s\S]{8}$/, '');
}

const bodies = [null, '{"init_from":{"collection":"pub"}}', '['];
const routes = qdrant.operations
  .flatMap(({ http }) => http)
  .filter((route) => !route.includes(':metrics_port'))
  .concat('GET /telemetry?details_level=4&per_collection=true')
  .concat('GET /metrics?per_collection=true', 'GET /cluster/telemetry?details_level=4');
const sample: Readonly<Record<string, string>> = {
  id: '1',
  shard: '0',
  peer_id: '1',
  snapshot_name: 'x.snapshot',
  snapshot: 'x.snapshot',
  'tail:.*': 'x',
};

function targetOf(pattern: string, name: string): string {
  return pattern.replace(/\{([^}]+)\}/g, (_, key: string) =>
    key === 'collection_name' ? name : (sample[key] ?? 'x'),
  );
}

describe('whether a collection exists is not told to whoever may not list it', () => {
  it.each(routes)('over REST: %s', async (route) => {
    const [method = '', pattern = ''] = route.split(' ', 2);
    const about = pattern.includes('{collection_name}') ? names : [''];
    for (const name of about) {
      for (const who of principals) {
        for (const body of method === 'GET' ? [null] : bodies) {
          const pseudo = [':method', method, ':path', targetOf(pattern, name)];
          const fields = [...pseudo, ':scheme', 'https', ':authority', 'localhost'];
          const sent = body === null ? null : Buffer.from(body);
          const [with_, without] = await Promise.all(
            worlds.map((world) => toldIn(world, 'rest', fields, who, sent)),
          );
          expect(with_, `${route} on ${name} by ${who} with ${body}`).toEqual(without);
        }
      }
    }
  });

  it.each(qdrant.operations.flatMap(({ grpc }) => grpc))('over gRPC: %s', async (path) => {
    for (const name of names) {
      for (const who of principals) {
        for (const message of [
          delimited(1, Buffer.from(name)),
          Buffer.concat([delimited(1, Buffer.from(name)), Buffer.of(0x0f)]),
        ]) {
          const pseudo = [':method', 'POST', ':path', path, ':scheme', 'https', ':authority', 'x'];
          const fields = [...pseudo, 'content-type', 'application/grpc', 'te', 'trailers'];
          const [with_, without] = await Promise.all(
            worlds.map((world) => toldIn(world, 'grpc', fields, who, frame(message))),
          );
          expect(with_, `${path} on ${name} by ${who}`).toEqual(without);
        }
      }
    }
  });

  const references: readonly [string, string][] = [
    ['points/query', '{"query":1,"lookup_from":{"collection":"NAME"}}'],
    ['points/query', '{"query":1,"prefetch":{"query":1,"lookup_from":{"collection":"NAME"}}}'],
    ['points/query/groups', '{"query":1,"group_by":"k","with_lookup":"NAME"}'],
    ['points/query/batch', '{"searches":[{"query":1,"lookup_from":{"collection":"NAME"}}]}'],
  ];
  it.each(references)('by a reference in %s: %s', async (path, body) => {
    for (const name of names) {
      const pseudo = [':method', 'POST', ':path', `/collections/pub/${path}`];
      const fields = [...pseudo, ':scheme', 'https', ':authority', 'localhost'];
      const sent = Buffer.from(body.replace('NAME', name));
      const [with_, without] = await Promise.all(
        worlds.map((world) => toldIn(world, 'rest', fields, 'own', sent)),
      );
      expect(with_).toEqual(without);
      expect(with_?.status).toBe(403);
    }
  });

  it.each([
    '{"create_alias":{"collection_name":"pub","alias_name":"NAME"}}',
    '{"create_alias":{"collection_name":"NAME","alias_name":"ghost1"}}',
    '{"rename_alias":{"old_alias_name":"pub_alias","new_alias_name":"NAME"}}',
    '{"rename_alias":{"old_alias_name":"NAME","new_alias_name":"ghost1"}}',
    '{"delete_alias":{"alias_name":"NAME"}}',
  ])('by a change of aliases: %s', async (action) => {
    for (const name of names) {
      const pseudo = [':method', 'POST', ':path', '/collections/aliases'];
      const fields = [...pseudo, ':scheme', 'https', ':authority', 'localhost'];
      const sent = Buffer.from(`{"actions":[${action.replace('NAME', name)}]}`);
      const [with_, without] = await Promise.all(
        worlds.map((world) => toldIn(world, 'rest', fields, 'own', sent)),
      );
      expect(with_).toEqual(without);
      expect(with_?.status).toBe(403);
    }
  });
});
