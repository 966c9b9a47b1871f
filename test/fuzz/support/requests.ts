import fc from 'fast-check';
import { qdrant } from '../../../src/catalog/qdrant/database.ts';
import { bodyFor } from './bodies.ts';
import type { Asked } from './gate.ts';
import { document } from './json.ts';
import { name, own, seldom } from './names.ts';

/** How one segment of a path may be spelled. */
const spellings: readonly ((segment: string) => string)[] = [
  (segment) => segment.replace(/[a-z]/, percent),
  (segment) => [...segment].map(percent).join(''),
  (segment) => `${segment};x=1`,
  (segment) => `.%2f${segment}`,
  (segment) => segment.replace(/[a-z]/, (one) => percent(percent(one))),
  (segment) => `${segment}%00`,
  (segment) => `x/../${segment}`,
  (segment) => `x/%2e%2e/${segment}`,
  (segment) => `/${segment}`,
  (segment) => `${segment}\\..\\sec`,
  (segment) => `${segment}%ff`,
  (segment) => `${segment}#`,
  (segment) => `${segment}+`,
];

function percent(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** How a whole target may be spelled. */
const targets: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => `${path}/`,
  (path) => `${path}?`,
  (path) => `${path}?collection=sec`,
  (path) => `${path}#/collections/sec`,
  (path) => `http://127.0.0.1${path}`,
  (path) => path.slice(1),
  (path) => `/readyz/..${path}`,
  (path) => path.replaceAll('/', '//'),
  (path) => path.replace('/collections', '/%63ollections'),
  (path) => `${path}%3F`,
  (path) => path.toUpperCase(),
];

const rows = qdrant.operations.flatMap(({ name: operation, http }) =>
  http.filter((route) => !route.includes(':metrics_port')).map((route) => ({ operation, route })),
);
/** Rows whose bodies name collections come often. */
const telling = rows.filter(({ operation }) =>
  /^(points\.(query|search|recommend|discover|update_batch)|aliases\.|collections\.c|snapshots\.r)/.test(
    operation,
  ),
);

const parameters: Readonly<Record<string, fc.Arbitrary<string>>> = {
  collection_name: seldom(4, name, own),
  id: fc.constantFrom('1', '2', '00000000-0000-0000-0000-000000000000'),
  shard: fc.constantFrom('0', '1'),
  peer_id: fc.constantFrom('1'),
};

function segment(part: string): fc.Arbitrary<string> {
  const plain = part.startsWith('{')
    ? (parameters[part.slice(1, -1).split(':', 1)[0] as string] ?? name)
    : fc.constant(part);
  const spelled = fc.tuple(plain, fc.constantFrom(...spellings)).map(([text, how]) => how(text));
  return seldom(30, spelled, plain);
}

function target(pattern: string): fc.Arbitrary<string> {
  const parts = pattern === '/' ? [] : pattern.slice(1).split('/');
  const path = fc.tuple(...parts.map(segment)).map((all) => `/${all.join('/')}`);
  const spelled = fc.tuple(path, fc.constantFrom(...targets)).map(([text, how]) => how(text));
  const asked = fc
    .tuple(path, fc.constantFrom('', '', '?timeout=1', '?wait=true', '?details_level=3'))
    .map((both) => both.join(''));
  return seldom(15, spelled, asked);
}

const types = seldom(
  30,
  fc.constantFrom(
    'text/plain',
    'application/json;charset=utf-16',
    'multipart/form-data; boundary=x',
  ),
  fc.constant('application/json'),
);

/** A REST request as an edge would hand it on. */
export const restRequest: fc.Arbitrary<Asked> = fc
  .oneof({ weight: 3, arbitrary: fc.constantFrom(...telling) }, fc.constantFrom(...rows))
  .chain(({ operation, route }) => {
    const [method, pattern] = route.split(' ', 2) as [string, string];
    const body = method === 'GET' ? fc.constant(Buffer.alloc(0)) : document(bodyFor(operation));
    return fc.tuple(target(pattern), body, types).map(
      ([spelled, bytes, type]): Asked => ({
        protocol: 'http',
        method,
        target: spelled,
        fields: ['content-type', operation.endsWith('upload') ? 'multipart/form-data' : type],
        body: bytes,
      }),
    );
  });
