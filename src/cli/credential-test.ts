import { credentialVerb } from './credential.ts';
import type { Verb } from './verb.ts';

/** `vectorgate credential test`: shows each configured credential to its database. */
export const verb: Verb = credentialVerb('test');
