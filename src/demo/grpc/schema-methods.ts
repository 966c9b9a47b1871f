import { collections } from '../store/collections.ts';
import type { Session } from '../store/storage.ts';
import { named } from './checks.ts';
import { get, type Message } from './message.ts';
import { type Method, type Methods, method, nameOf } from './method.ts';
import { newVectorOf } from './read-collections.ts';
import { fieldIndexOf } from './read-index.ts';

function changingSchema(
  operation: string,
  request: string,
  change: (session: Session, message: Message) => number,
): Method {
  const run: Method['run'] = (session, message) => {
    const status = get.flag(message, 'wait') ? 2 : 1;
    return { result: { operation_id: change(session, message), status }, usage: {} };
  };
  return method(operation, 'manage', [request, 'PointsOperationResponse'], run, [named]);
}

/** Methods for payload indexes and vector names. */
export const schemaMethods: Methods = {
  '/qdrant.Points/CreateFieldIndex': changingSchema(
    'index.create',
    'CreateFieldIndexCollection',
    (session, message) => {
      const key = get.text(message, 'field_name');
      return collections.index(session, nameOf(message), key, fieldIndexOf(message));
    },
  ),
  '/qdrant.Points/DeleteFieldIndex': changingSchema(
    'index.delete',
    'DeleteFieldIndexCollection',
    (session, message) =>
      collections.dropIndex(session, nameOf(message), get.text(message, 'field_name')),
  ),
  '/qdrant.Points/CreateVectorName': changingSchema(
    'vector_names.create',
    'CreateVectorNameRequest',
    (session, message) => {
      const name = get.text(message, 'vector_name');
      return collections.addVector(session, nameOf(message), name, newVectorOf(message));
    },
  ),
  '/qdrant.Points/DeleteVectorName': changingSchema(
    'vector_names.delete',
    'DeleteVectorNameRequest',
    (session, message) =>
      collections.dropVector(session, nameOf(message), get.text(message, 'vector_name')),
  ),
};
