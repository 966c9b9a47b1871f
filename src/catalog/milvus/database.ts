import type { Database } from '../database.ts';
import { attackIn } from './attacks.ts';
import { credentialFields, readAuthorization } from './credential.ts';
import { locate } from './locate.ts';
import { defaultDatabase, keyOf } from './name.ts';
import { nameRequests, readNames } from './names.ts';
import { operations } from './operations.ts';
import { writeRefusal } from './refusals.ts';
import { readVersion, versionRequest } from './version.ts';

/** Milvus, as an authorising proxy must know it. */
export const milvus: Database = {
  name: 'milvus',
  operations,
  defaultDatabase,
  keyOf,
  knownVersion: '3.0.0',
  locate,
  credential: credentialFields,
  readAuthorization,
  attackIn,
  writeRefusal,
  readNames,
  nameRequests,
  versionRequest,
  readVersion,
};
