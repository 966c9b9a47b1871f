import { Failure } from '../failure.ts';
import type { Payload, PayloadValue, PointId } from '../store/point.ts';
import { idOfInteger, idOfText } from '../store/point-id.ts';
import { get, type Message, maybe } from './message.ts';

/** Reads a point id. */
export function pointIdOf(message: Message | undefined): PointId {
  const { num, uuid } = message ?? {};
  if (typeof num === 'number' || typeof num === 'bigint') return idOfInteger(num);
  if (typeof uuid !== 'string') throw new Failure('malformed', 'Expected "id" to be passed');
  const id = idOfText(uuid);
  if (id === undefined) throw new Failure('malformed', `Unable to parse UUID: ${uuid}`);
  return id;
}

/** Reads a payload. */
export function payloadOf(fields: ReadonlyMap<string, Message>): Payload {
  return new Map([...fields].map(([key, value]) => [key, payloadValueOf(value)]));
}

function payloadValueOf(message: Message): PayloadValue {
  const { double_value, integer_value, string_value, bool_value } = message;
  if (typeof double_value === 'number') return double_value;
  if (typeof integer_value === 'number') return BigInt(integer_value);
  if (typeof integer_value === 'bigint') return integer_value;
  if (typeof string_value === 'string') return string_value;
  if (typeof bool_value === 'boolean') return bool_value;
  const object = maybe.child(message, 'struct_value');
  if (object) return payloadOf(get.map(object, 'fields'));
  const list = maybe.child(message, 'list_value');
  return list ? get.list(list, 'values').map(payloadValueOf) : null;
}
