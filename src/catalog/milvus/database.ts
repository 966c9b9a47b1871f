import type { Database } from '../database.ts';
import { attackIn } from './attacks.ts';
import { credentialFields, readAuthorization } from './credential.ts';
import { locate } from './locate.ts';
import { defaultDatabase, keyOf } from './name.ts';
import { nameRequests, readNames } from './names.ts';
import { operations } from './operations.ts';
import { writeRefusal } from './refusals.ts';
import { readSize } from './size.ts';
import { readVersion, versionRequest } from './version.ts';

/** What a standalone Milvus opens on every interface, and its etcd. */
const sidePorts = [
  { port: 9091, what: 'management' },
  { port: 19529, what: 'internal proxy' },
  { port: 19531, what: 'internal data' },
  { port: 2379, what: 'etcd' },
];

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
  readSize,
  nameRequests,
  versionRequest,
  readVersion,
  sidePorts,
  factoryCredential: 'root:Milvus',
};
