import type { Answer } from '../http/answer.ts';
import { writeJson } from '../json/write.ts';
import { version } from '../version.ts';
import { answering, type Route, route } from './route.ts';

const reading = { access: 'read' } as const;
const open = { access: 'none' } as const;

function text(body: string): Answer {
  return { status: 200, headers: [['content-type', 'text/plain; charset=utf-8']], body };
}

function probe(operation: string, path: string, body: string): Route {
  return answering(operation, `GET ${path}`, open, () => ({ answer: text(body) }));
}

/** Routes about the database itself. */
export const serviceRoutes: readonly Route[] = [
  answering('service.root', 'GET /', open, () => {
    const headers = [['content-type', 'application/json']] as const;
    return { answer: { status: 200, headers, body: writeJson(version) } };
  }),
  probe('service.healthz', '/healthz', 'healthz check passed'),
  probe('service.livez', '/livez', 'healthz check passed'),
  probe('service.readyz', '/readyz', 'all shards are ready'),
  route('service.telemetry', 'GET /telemetry', { ...reading, parameters: telemetry() }, (call) => {
    const { storage, touched } = call.session;
    for (const name of storage.collections.keys()) touched.add(name);
    return {
      id: '00000000-0000-0000-0000-000000000000',
      app: { name: 'qdrant', version: version.version },
      collections: { number_of_collections: storage.collections.size },
    };
  }),
  answering('service.metrics', 'GET /metrics', reading, ({ session: { storage, touched } }) => {
    for (const name of storage.collections.keys()) touched.add(name);
    const lines = [
      '# TYPE app_info gauge',
      `app_info{name="qdrant",version="${version.version}"} 1`,
      '# TYPE collections_total gauge',
      `collections_total ${storage.collections.size}`,
    ];
    return { answer: text(`${lines.join('\n')}\n`) };
  }),
  route('service.issues', 'GET /issues', reading, () => ({ issues: [] })),
  route('service.issues_clear', 'DELETE /issues', { access: 'manage' }, () => true),
  route('service.debugger_get', 'GET /debugger', { access: 'manage' }, () => ({ pyroscope: null })),
  route('cluster.status', 'GET /cluster', reading, () => ({ status: 'disabled' })),
];

function telemetry(): readonly string[] {
  return ['anonymize', 'details_level', 'per_collection', 'timeout'];
}
