import type { Database, OwnRequest } from '../database.ts';
import { countersRequest, readCounters } from './counters.ts';
import { locate } from './locate.ts';
import { nameRequests, readNames, readVersion } from './names.ts';
import { operations } from './operations.ts';
import { writeRefusal } from './refusals.ts';
import { readSize } from './size.ts';
import { tokenPolicies } from './token-policies.ts';
import { readValueAnswer, valueRequest } from './value-exists.ts';

const bearer = 'Bearer ';
const versionRequest: OwnRequest = { protocol: 'http', method: 'GET', target: '/', body: null };
const probeRequest: OwnRequest = {
  protocol: 'grpc',
  method: 'POST',
  target: '/grpc.health.v1.Health/Check',
  body: new Uint8Array(0),
};

/** Qdrant, as an authorising proxy must know it. */
export const qdrant: Database = {
  name: 'qdrant',
  operations,
  keyOf: (_database, name) => name,
  knownVersion: '1.19.0',
  locate,
  credential: (secret) => ['api-key', secret],
  readAuthorization: (value) => (value.startsWith(bearer) ? value.slice(bearer.length) : null),
  writeRefusal,
  nameRequests,
  readNames,
  readSize,
  versionRequest,
  readVersion,
  probeRequest,
  countersRequest,
  readCounters,
  valueRequest,
  readValueAnswer,
  tokenPolicies,
};
