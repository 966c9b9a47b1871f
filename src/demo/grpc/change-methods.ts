import { changePoints } from '../store/changes.ts';
import { named } from './checks.ts';
import { get, type Message } from './message.ts';
import { collectionOf, type Method, type Methods } from './method.ts';
import { changeOf, operationOf } from './read-changes.ts';

function updated(message: Message, operation: number): Message {
  return { operation_id: operation, status: get.flag(message, 'wait') ? 2 : 1 };
}

function changing(kind: keyof typeof changeOf, request: string): Method {
  return {
    operation: `points.${kind}`,
    request,
    response: 'PointsOperationResponse',
    access: 'manage',
    checks: [named],
    run: (session, message) => {
      const operation = changePoints(collectionOf(session, message), changeOf[kind](message));
      return { result: updated(message, operation), usage: {} };
    },
  };
}

/** Methods that change points. */
export const changeMethods: Methods = {
  '/qdrant.Points/Upsert': changing('upsert', 'UpsertPoints'),
  '/qdrant.Points/Delete': changing('delete', 'DeletePoints'),
  '/qdrant.Points/UpdateVectors': changing('update_vectors', 'UpdatePointVectors'),
  '/qdrant.Points/DeleteVectors': changing('delete_vectors', 'DeletePointVectors'),
  '/qdrant.Points/SetPayload': changing('set_payload', 'SetPayloadPoints'),
  '/qdrant.Points/OverwritePayload': changing('overwrite_payload', 'SetPayloadPoints'),
  '/qdrant.Points/DeletePayload': changing('delete_payload', 'DeletePayloadPoints'),
  '/qdrant.Points/ClearPayload': changing('clear_payload', 'ClearPayloadPoints'),
  '/qdrant.Points/UpdateBatch': {
    operation: 'points.update_batch',
    request: 'UpdateBatchPoints',
    response: 'UpdateBatchResponse',
    access: 'manage',
    checks: [named],
    run: (session, message) => ({
      result: get.list(message, 'operations').map((operation) => {
        return updated(
          message,
          changePoints(collectionOf(session, message), operationOf(operation)),
        );
      }),
    }),
  },
};
