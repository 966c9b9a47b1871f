import { changePoints } from '../store/changes.ts';
import { collectionOf, updated } from './call.ts';
import { changeBatch, changeRequests } from './changes.ts';
import { type Route, route, usual } from './route.ts';

function changing(kind: keyof typeof changeRequests, line: string): Route {
  const operation = kind === 'delete' ? 'points.delete' : `points.${kind}`;
  const body = changeRequests[kind];
  return route(operation, line, { ...usual.writing, body }, (call) =>
    updated(call, changePoints(collectionOf(call), call.body)),
  );
}

/** Routes that change points. */
export const changeRoutes: readonly Route[] = [
  changing('upsert', `PUT ${usual.path}/points`),
  changing('delete', `POST ${usual.path}/points/delete`),
  changing('update_vectors', `PUT ${usual.path}/points/vectors`),
  changing('delete_vectors', `POST ${usual.path}/points/vectors/delete`),
  changing('set_payload', `POST ${usual.path}/points/payload`),
  changing('overwrite_payload', `PUT ${usual.path}/points/payload`),
  changing('delete_payload', `POST ${usual.path}/points/payload/delete`),
  changing('clear_payload', `POST ${usual.path}/points/payload/clear`),
  route(
    'points.update_batch',
    `POST ${usual.path}/points/batch`,
    { ...usual.writing, body: changeBatch },
    (call) => call.body.map((change) => updated(call, changePoints(collectionOf(call), change))),
  ),
];
