import { credentialVerb } from './credential.ts';
import type { Verb } from './verb.ts';

/** `vectorgate credential status`: tells which credential is presented to each database. */
export const verb: Verb = credentialVerb('status');
