import { collections } from '../store/collections.ts';
import { updated } from './call.ts';
import { type Route, route, usual } from './route.ts';
import { indexRequest, vectorNameRequest } from './schema.ts';

/** Routes for payload indexes and vector names. */
export const schemaRoutes: readonly Route[] = [
  route(
    'index.create',
    `PUT ${usual.path}/index`,
    { ...usual.writing, body: indexRequest },
    (call) => {
      const { key, index } = call.body;
      return updated(call, collections.index(call.session, call.collection, key, index));
    },
  ),
  route('index.delete', `DELETE ${usual.path}/index/{field_name}`, usual.writing, (call) => {
    const key = call.path['field_name'] ?? '';
    return updated(call, collections.dropIndex(call.session, call.collection, key));
  }),
  route(
    'vector_names.create',
    `PUT ${usual.path}/vectors/{vector_name}`,
    { ...usual.writing, body: vectorNameRequest },
    (call) => {
      const name = call.path['vector_name'] ?? '';
      return updated(call, collections.addVector(call.session, call.collection, name, call.body));
    },
  ),
  route(
    'vector_names.delete',
    `DELETE ${usual.path}/vectors/{vector_name}`,
    usual.writing,
    (call) => {
      const name = call.path['vector_name'] ?? '';
      return updated(call, collections.dropVector(call.session, call.collection, name));
    },
  ),
];
