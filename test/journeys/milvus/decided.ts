import type { RefusalCode } from '../../../src/refusal.ts';

/** What becomes of a recorded call before the gateway: it passes and gets the recorded answer, is
 * known where Milvus knows nobody, is answered otherwise, or is refused; and why. */
type Decided = readonly ['passes' | 'known' | 'trimmed' | RefusalCode, why: string];

const plain: Decided = ['passes', 'it says one thing, and who sends it may do that'];
const twoReadings: Decided = ['unreadable-request', 'two readers could each read another'];
const nobody = (why: string): Decided => ['not-authenticated', why];
const unshown = nobody('it needs an identity, and shows none');
const unlookedAt = nobody('no client shows a credential there, and it is not looked at');
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
  'auth: no authorization': unshown,
  'auth: wrong password': nobody('it is nobody’s key'),
  'auth: user alone': nobody('a user’s name is no key'),
  'auth: not base64': ['known', 'so the key stands in REST, and says nothing else here'],
  'auth: Bearer': [
    'known',
    'a key behind Bearer is the same key, which Milvus takes over REST alone',
  ],
  'auth: base64 without padding': nobody('base64 has one spelling, as Milvus reads it'),
  // The name of the case notwithstanding, its text is the same in both alphabets.
  'auth: url-safe base64': plain,
  'auth: two, good first': twoReadings,
  'auth: two, bad first': twoReadings,
  'auth: colon in password': nobody('all behind the first colon is the key, and it is nobody’s'),
  'auth: sourceid alone': member,
  'auth: sourceid and wrong password': member,
  'auth: sourceid and unknown user': member,
  'auth: token metadata': unlookedAt,
  'auth: username and password metadata': unlookedAt,
  'bob: list': ['trimmed', 'a list shows what its reader may see; Milvus shows everything'],
  'bob: list by names of others': ['not-permitted', 'it names what bob may not see'],
  'bob: describe not granted': ['not-permitted', 'Milvus describes everything to everybody'],
  'bob: granted name first, other last': twoReadings,
  'bob: drop': ['not-permitted', 'as Milvus has it'],
  'bob: create user': ['not-permitted', 'as Milvus has it'],
  'bob: drop with sourceid': member,
  'unknown method': ['unknown-operation', 'what has no row does not pass'],
  connect: plain,
  'connect, no credential': unshown,
  'version, no credential': unshown,
  'health, no credential': unshown,
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
