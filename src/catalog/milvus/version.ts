import type { OwnRequest } from '../database.ts';
import { fieldsOf, textsIn } from './answer-message.ts';
import { ownCall } from './own-call.ts';

/** The request whose answer tells the version. */
export const versionRequest: OwnRequest = ownCall('GetVersion', []);

/** Reads the version: `2.3.5-lite`. Throws `TypeError` where there is none. */
export function readVersion(answer: Buffer): string {
  const version = textsIn(fieldsOf(answer), 2)[0]?.replace(/^v/, '');
  if (!version) throw new TypeError('the database does not tell its version');
  return version;
}
