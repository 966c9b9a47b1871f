import { admit } from '../credential.ts';
import { Failure, failureKinds } from '../failure.ts';
import type { Foundation } from '../foundation.ts';
import type { Answer } from '../http/answer.ts';
import { type Body, BrokenBody } from '../http/body.ts';
import { type Head, headerOf } from '../http/head.ts';
import { readParameters } from '../http/parameters.ts';
import type { Handler } from '../http/server.ts';
import { decodeSegment, readTarget } from '../http/target.ts';
import { writeJson } from '../json/write.ts';
import { wrongName, wrongVectorName } from '../names.ts';
import type { Session } from '../store/storage.ts';
import { dropBody, readBody } from './body.ts';
import type { Call, Route } from './route.ts';
import { matchRoute } from './routes.ts';

/** Answers REST requests from a storage. */
export function restHandler({ storage, keys, onTouch }: Foundation): Handler {
  return async (head, body) => {
    const { segments, query } = readTarget(head.target);
    if (isPreflight(head)) return { status: 200, body: '' };
    const matched = matchRoute(head.method, segments);
    const admission = admit(keys, head.headers);
    // A path that is not known asks for a credential first, too.
    if ('refused' in admission && matched?.route.access !== 'none') {
      return { status: 401, body: admission.refused };
    }
    if (!matched) return { status: 404, body: '' };
    const { route, captured } = matched;
    const access = 'access' in admission ? admission.access : 'read';
    const session: Session = { storage, access, touched: new Set() };
    const path = Object.entries(captured).map(([name, text]) => [name, decodeSegment(text)]);
    const request = { path: Object.fromEntries(path), query, head, body };
    const answer = await answered(route, session, request);
    const requestId = headerOf(head, 'x-request-id');
    onTouch({ operation: route.operation, collections: session.touched, requestId });
    return answer;
  };
}

interface Request {
  readonly path: Readonly<Record<string, string>>;
  readonly query: string;
  readonly head: Head;
  readonly body: Body;
}

async function answered(route: Route, session: Session, request: Request): Promise<Answer> {
  const started = performance.now();
  try {
    if (route.streams) requireAccess(route, session);
    checkPath(request.path, route);
    const parameters = readParameters(request.query, route.parameters);
    const body = route.body && (await readBody(request.head, request.body, route.body));
    if (!route.body && !route.streams) await dropBody(request.body);
    requireAccess(route, session);
    const call: Call<never> = {
      session,
      path: request.path,
      collection: request.path['collection_name'] ?? '',
      parameters,
      body: body as never,
      head: request.head,
      stream: request.body,
    };
    const reply = await route.run(call);
    if ('answer' in reply) return reply.answer;
    const time = seconds(started);
    return json(200, writeJson({ result: reply.result, status: 'ok', time }));
  } catch (error) {
    return refused(error, route, started);
  }
}

function refused(error: unknown, route: Route, started: number): Answer {
  const failure = failureOf(error);
  const status = failureKinds[failure.kind].http;
  if (route.plainErrors) {
    const headers = [['content-type', 'text/plain; charset=utf-8']] as const;
    return { status, headers, body: failure.message };
  }
  const body = { status: { error: failure.message }, time: seconds(started) };
  return json(status, writeJson(body));
}

/** What is not a refusal is a fault of the demo, and is told as one. */
function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof BrokenBody) return new Failure('malformed', brokenBody(error));
  return new Failure('internal', error instanceof Error ? (error.stack ?? error.message) : '');
}

function brokenBody({ message }: BrokenBody): string {
  const what = 'payload reached EOF before completing';
  return `Error that occur during reading payload: ${what}: ${message}`;
}

function requireAccess(route: Route, { access }: Session): void {
  if (route.access === 'manage' && access !== 'manage') {
    throw new Failure('forbidden', 'Global manage access is required');
  }
}

function checkPath(path: Readonly<Record<string, string>>, route: Route): void {
  const creating = route.operation === 'collections.create' || route.streams;
  const name = path['collection_name'];
  const vector = path['vector_name'];
  const wrong = [
    name === undefined ? undefined : labelled('collection_name', wrongName(name, creating)),
    vector === undefined ? undefined : labelled('vector_name', wrongVectorName(vector)),
  ].filter((found) => found !== undefined);
  if (wrong.length === 0) return;
  throw new Failure('invalid', `Validation error in path parameters: [${wrong.join('; ')}]`);
}

function labelled(name: string, wrong: string | undefined): string | undefined {
  return wrong && `${name}: ${wrong}`;
}

function isPreflight({ method, headers }: Head): boolean {
  const names = new Set(headers.map(([name]) => name));
  return method === 'OPTIONS' && names.has('origin') && names.has('access-control-request-method');
}

function json(status: number, body: string): Answer {
  return { status, headers: [['content-type', 'application/json']], body };
}

function seconds(started: number): number {
  return (performance.now() - started) / 1000;
}
