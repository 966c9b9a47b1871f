import type { Protocol } from '../catalog/operation.ts';
import type { Counted } from './counted.ts';
import { jsonString } from './json-string.ts';
import { sourcePrefix } from './source-prefix.ts';

/** What a client sent that could not become a request. */
export interface Unreadable {
  /** Whose port it came to, and what that serves. */
  readonly upstream: string;
  readonly protocols: readonly Protocol[];
  readonly address: string;
  /** The code of the HTTP reader, or a sentence for people. */
  readonly reason: string;
}

const refusal = 'unreadable-request';
const reasonAtMost = 128;

/** Counts it with those that are alike in port, network and reason. */
export function countUnreadable(counted: Counted, what: Unreadable): void {
  const alike =
    `"event":"request.refused","principal":null,` +
    `"source":{"prefix":${jsonString(sourcePrefix(what.address))}},` +
    `"upstream":${jsonString(what.upstream)},"protocols":${JSON.stringify(what.protocols)},` +
    `"operation":null,"collections":[],"refusal":"${refusal}",` +
    `"reason":${jsonString(what.reason.slice(0, reasonAtMost))}`;
  counted.add(alike, refusal);
}
