import { credentialVerb } from './credential.ts';
import type { Verb } from './verb.ts';

/** `vectorgate credential switch`: presents the other configured credential. */
export const verb: Verb = credentialVerb('switch');
