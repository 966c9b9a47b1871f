import type { RefusalCode } from '../../../src/refusal.ts';

/** What becomes of a recorded call before the gateway: it passes and gets the recorded answer, is
 * answered otherwise, or is refused; and why. */
type Decided = readonly ['passes' | 'trimmed' | RefusalCode, why: string];

const plain: Decided = ['passes', 'it says one thing, and who sends it may do that'];
const twoReadings: Decided = ['unreadable-request', 'two readers could each read another'];
const nobody: Decided = ['not-authenticated', 'nobody is known by it'];
const member: Decided = [
  'unreadable-request',
  'no client sends it, but who attacks (CVE-2025-64513)',
];

/** Every case of the recording, decided on purpose. */
export const decided: Readonly<Record<string, Decided>> = {
  describe: plain,
  'name twice, last wins': twoReadings,
  "name and another collection's id": ['passes', 'the name counts, and the id does not travel'],
  'name of one, id of the other': ['passes', 'the name counts, and the id does not travel'],
  'id alone': [
    'passes',
    'older clients know no more: it is resolved, judged, and sent as the name',
  ],
  'name in upper case': ['passes', 'it is another name, which is not there'],
  'name with space': ['unreadable-request', 'Milvus trims some names, and others not'],
  'db in body': plain,
  'db in metadata': plain,
  'db in body default, metadata db1': twoReadings,
  'db in body db1, metadata default': twoReadings,
  'dbname metadata twice': twoReadings,
  'dbname metadata twice, other order': twoReadings,
  'db missing': ['passes', 'it is not there, which who may see everything may hear'],
  'db default by name and empty': ['passes', 'an empty name is none'],
  'auth: no authorization': nobody,
  'auth: wrong password': nobody,
  'auth: user alone': nobody,
  'auth: not base64': nobody,
  'auth: Bearer': nobody,
  'auth: base64 without padding': nobody,
  // The name of the case notwithstanding, its text is the same in both alphabets.
  'auth: url-safe base64': plain,
  'auth: two, good first': twoReadings,
  'auth: two, bad first': twoReadings,
  'auth: colon in password': nobody,
  'auth: sourceid alone': member,
  'auth: sourceid and wrong password': member,
  'auth: sourceid and unknown user': member,
  'auth: token metadata': nobody,
  'auth: username and password metadata': nobody,
  'bob: list': ['trimmed', 'a list shows what its reader may see; Milvus shows everything'],
  'bob: list by names of others': ['not-permitted', 'it names what bob may not see'],
  'bob: describe not granted': ['not-permitted', 'Milvus describes everything to everybody'],
  'bob: granted name first, other last': twoReadings,
  'bob: drop': ['not-permitted', 'as Milvus has it'],
  'bob: create user': ['not-permitted', 'as Milvus has it'],
  'bob: drop with sourceid': member,
  'unknown method': ['unknown-operation', 'what has no row does not pass'],
  connect: plain,
  'connect, no credential': nobody,
  'version, no credential': nobody,
  'health, no credential': nobody,
  'name wrong wire type': ['unreadable-request', 'Milvus skips it, other readers do not'],
  'name invalid utf-8': ['unreadable-request', 'it is no text'],
  'unknown field': ['unreadable-request', 'a newer Milvus could understand it'],
  'describe alias chain': ['passes', 'an alias of an alias is not there'],
  'show with names of two databases': plain,
};

/** What the double cannot be held to, as its reader of protobuf reads otherwise than Go's. */
export const readOtherwise: ReadonlySet<string> = new Set([
  'name wrong wire type',
  'name invalid utf-8',
]);

/** What no gRPC client sends; it takes the bytes. */
export const sentByNobody: ReadonlySet<string> = new Set([
  'auth: two, good first',
  'auth: two, bad first',
]);
