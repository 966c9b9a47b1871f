import { Failure } from '../failure.ts';
import { reached } from '../store/storage.ts';
import { version } from '../version.ts';
import { get, maybe } from './message.ts';
import type { Method, Methods } from './method.ts';

const services = [
  'qdrant.Collections',
  'qdrant.Points',
  'qdrant.Snapshots',
  'qdrant.Qdrant',
  'grpc.health.v1.Health',
  'qdrant.StorageRead',
];

function reflection(operation: string): Method {
  return {
    operation,
    request: 'ServerReflectionRequest',
    response: 'ServerReflectionResponse',
    access: 'read',
    checks: [],
    run: (_, message) => {
      if (maybe.text(message, 'list_services') === undefined) {
        throw new Failure('notBuilt', 'reflection beyond the list of services');
      }
      const service = services.map((name) => ({ name }));
      return { original_request: message, list_services_response: { service } };
    },
  };
}

/** The raw files of a collection's shards, of which the demo has none. */
function rawFiles(operation: string): Method {
  return {
    operation: `storage.${operation}`,
    request: 'GetCollectionInfoRequest',
    response: 'HealthCheckRequest',
    access: 'read',
    checks: [],
    run: (session, message) => {
      reached(session, get.text(message, 'collection_name'));
      throw new Failure('notBuilt', 'raw files');
    },
  };
}

/** Methods about the database itself. */
export const serviceMethods: Methods = {
  '/qdrant.Qdrant/HealthCheck': {
    operation: 'service.root',
    request: 'HealthCheckRequest',
    response: 'HealthCheckReply',
    access: 'none',
    checks: [],
    run: () => ({ ...version }),
  },
  '/grpc.health.v1.Health/Check': {
    operation: 'service.healthz',
    request: 'HealthCheckRequest',
    response: 'HealthCheckResponse',
    access: 'none',
    checks: [],
    run: () => ({ status: 1 }),
  },
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo': reflection('grpc.reflection_v1'),
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo':
    reflection('grpc.reflection_v1alpha'),
  '/qdrant.StorageRead/ListFiles': rawFiles('list_files'),
  '/qdrant.StorageRead/FileExists': rawFiles('file_exists'),
  '/qdrant.StorageRead/FileLength': rawFiles('file_length'),
  '/qdrant.StorageRead/ReadBytes': rawFiles('read_bytes'),
  '/qdrant.StorageRead/ReadBytesStream': rawFiles('read_bytes_stream'),
  '/qdrant.StorageRead/ReadWhole': rawFiles('read_whole'),
  '/qdrant.StorageRead/ReadBatch': rawFiles('read_batch'),
};
