import { credentialVerb } from './credential.ts';
import type { Verb } from './verb.ts';

/** `vectorgate credential rollback`: presents the credential of before again. */
export const verb: Verb = credentialVerb('rollback');
