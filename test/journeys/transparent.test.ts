import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framesOf, unframed } from '../demo/support/frames.ts';
import {
  type GrpcExchange,
  type RestExchange,
  type SentMessage,
  transcript,
} from '../demo/support/transcripts.ts';
import {
  callOn,
  framed,
  openGrpc,
  openRest,
  type RawCaller,
  type RawClient,
} from '../support/clients-raw.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type Double, type Given, openDouble } from '../support/gateway-double.ts';

/** What the gateway does not pass as it was recorded, by file and line: what the caller hears, and
 * why. The test fails for a line that passes after all. */
const exceptions: Readonly<Record<string, readonly [status: number, why: string]>> = {
  '1-rest-sdk:89': [400, 'a name with an encoded slash is refused before the database sees it'],
  '1-rest-sdk:94': [403, 'a reader is refused by the gateway, in words that fit its own rights'],
  '1-rest-sdk:95': [403, 'a reader is refused by the gateway, in words that fit its own rights'],
  '2-grpc-sdk:21': [3, 'an element of the batch names a collection that is not the one judged'],
  '2-grpc-sdk:48': [7, 'a reader is refused by the gateway, in words that fit its own rights'],
  '2-grpc-sdk:49': [7, 'a reader is refused by the gateway, in words that fit its own rights'],
  '1-rest-sdk:1': [200, 'the gateway tells the version by itself, without the commit'],
  '1-rest-sdk:2': [200, 'the gateway tells the version by itself, without the commit'],
  '2-grpc-sdk:1': [0, 'the gateway tells the version by itself, without the commit'],
  '2-grpc-sdk:47': [0, 'the gateway tells the version by itself, without the commit'],
};

/** Answered as recorded, though the `{}` that the client sends where no body is due is dropped. */
const bodiless: ReadonlySet<string> = new Set(['1-rest-sdk:77']);

let double: Double;
let gateway: TestGateway;
let rest: RawClient;
let grpc: RawCaller;
let next: Given;
let keys: Readonly<Record<string, string | null>>;

beforeAll(async () => {
  double = await openDouble(() => next);
  gateway = await startGateway({
    database: double,
    policies: {
      admin: 'allow: [{ collections: ["*"], access: [m, admin] }, { access: [observe, admin] }]',
      reader: 'allow: [{ collections: ["*"], access: [r, export] }]',
    },
    keys: { admin: { roles: ['admin'] }, reader: { roles: ['reader'] } },
  });
  rest = openRest(gateway);
  grpc = openGrpc(gateway);
  const { admin = '', reader = '' } = gateway.keys;
  keys = { 'secret-admin': admin, 'secret-readonly': reader };
});
afterAll(async () => {
  rest.close();
  grpc.close();
  await gateway.stop();
  await double.close();
});

/** The key of ours that stands for the one in the transcript. */
function keyFor(recorded: string | undefined): string | null {
  return recorded === undefined ? null : (keys[recorded] ?? recorded);
}

/** What passes through on its way back; the rest tells of the hop, or of the database itself. */
const kept = ['content-type', 'retry-after', 'grpc-status', 'grpc-message', 'content-disposition'];

function keptOf(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  const pairs = Object.entries(fields).map(([name, value]) => [name, String(value)] as const);
  return Object.fromEntries(pairs.filter(([name]) => kept.includes(name)));
}

/** A recorded message, inflated. */
function inflated(message: SentMessage, gzip: boolean): Buffer {
  const isText = typeof message === 'string';
  const bytes = Buffer.from(isText ? message : message.base64, 'base64');
  const isCompressed = isText ? gzip : message.compressed === true;
  return isCompressed ? gunzipSync(bytes) : bytes;
}

function judge(name: string, expected: object, actual: object, status: number): void {
  const exception = exceptions[name];
  if (!exception) return expect(actual).toEqual(expected);
  expect(status, exception[1]).toBe(exception[0]);
  expect(actual, `it passes as recorded after all: ${exception[1]}`).not.toEqual(expected);
}

describe('@qdrant/js-client-rest, as recorded', () => {
  transcript<RestExchange>('1-rest-sdk').forEach(({ request, response }, line) => {
    const name = `1-rest-sdk:${line + 1}`;
    const { method, target, body } = request;
    it(`${name} ${method} ${target} ${body?.slice(0, 60) ?? ''}`, async () => {
      const { 'api-key': recordedKey, 'content-length': _, ...headers } = request.headers;
      const { 'content-encoding': _zip, 'transfer-encoding': _te, ...fields } = response.headers;
      next = { status: response.status, fields, body: Buffer.from(response.body) };
      double.asked.length = 0;
      const heard = await rest.ask({
        method,
        path: target,
        key: keyFor(recordedKey),
        headers,
        ...(body === undefined ? {} : { body }),
      });
      const actual = {
        status: heard.status,
        fields: keptOf(heard.headers),
        body: heard.body.toString(),
      };
      judge(
        name,
        { status: response.status, fields: keptOf(fields), body: response.body },
        actual,
        heard.status,
      );
      if (name in exceptions || heard.status === 401) return expect(double.asked).toEqual([]);
      const [came, ...more] = double.asked;
      expect(more).toEqual([]);
      expect([came?.method, came?.target]).toEqual([method, target]);
      expect(came?.body.toString()).toBe(bodiless.has(name) ? '' : (body ?? ''));
      expect(came?.fields['api-key']).toBe(double.credential);
      expect(came?.fields['accept-encoding']).toBeUndefined();
    });
  });
});

describe('@qdrant/js-client-grpc, as recorded', () => {
  transcript<GrpcExchange>('2-grpc-sdk').forEach((exchange, line) => {
    const name = `2-grpc-sdk:${line + 1}`;
    const { method, metadata = {}, answer } = exchange;
    it(`${name} ${method}`, async () => {
      const gzip = answer.headers['grpc-encoding'] === 'gzip';
      // Whoever asks for no compression gets none.
      const messages = answer.messages.map((message) => inflated(message, gzip));
      const { ':status': status, 'grpc-encoding': _, ...plain } = answer.headers;
      const fields = Object.fromEntries(Object.entries(plain).map(([k, v]) => [k, String(v)]));
      const body = Buffer.concat(messages.map((message) => framed(message)));
      const trailersOnly = 'grpc-status' in answer.headers;
      next = {
        status: Number(status),
        fields,
        body,
        ...(trailersOnly ? {} : { trailers: answer.trailers }),
      };
      double.asked.length = 0;
      const { 'api-key': recordedKey, ...others } = metadata;
      const key = keyFor(recordedKey);
      const head = {
        ':method': 'POST',
        ':path': method,
        ...others,
        ...(key && { 'api-key': key }),
      };
      const frames = framesOf(exchange);
      const heard = await callOn(grpc.session, head, frames);
      const expected = {
        fields: keptOf(fields),
        trailers: keptOf(trailersOnly ? {} : answer.trailers),
        body: body.toString('hex'),
      };
      const actual = {
        fields: keptOf(heard.headers),
        trailers: keptOf(heard.trailers),
        body: heard.body.toString('hex'),
      };
      judge(name, expected, actual, heard.status);
      if (name in exceptions || heard.status === 16) return expect(double.asked).toEqual([]);
      const [came, ...more] = double.asked;
      expect(more).toEqual([]);
      expect([came?.method, came?.target]).toEqual(['POST', method]);
      const sent = unframed(frames).map((message) => message.toString('hex'));
      const arrived = unframed(came?.body ?? Buffer.alloc(0)).map((message) =>
        message.toString('hex'),
      );
      expect(arrived).toEqual(sent);
      expect(came?.fields['api-key']).toBe(double.credential);
      expect(came?.fields['grpc-accept-encoding'] ?? 'identity').toBe('identity');
    });
  });
});
