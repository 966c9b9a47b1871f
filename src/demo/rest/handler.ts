import { admit, type Keys } from '../credential.ts';
import { Failure, failureKinds } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import { type Body, BrokenBody } from '../http/body.ts';
import { type Head, headerOf } from '../http/head.ts';
import { readParameters } from '../http/parameters.ts';
import type { Handler } from '../http/server.ts';
import { decodeSegment, readTarget } from '../http/target.ts';
import { writeJson } from '../json/write.ts';
import { wrongName, wrongVectorName } from '../names.ts';
import type { OnTouch } from '../observe.ts';
import type { Session, Storage } from '../store/storage.ts';
import { readBody } from './body.ts';
import type { Call, Route } from './route.ts';
import { matchRoute } from './routes.ts';

/** What the REST interface stands on. */
export interface Foundation {
  readonly storage: Storage;
  readonly keys: Keys;
  readonly onTouch: OnTouch;
}

/** Answers REST requests from a storage. */
export function restHandler(foundation: Foundation): Handler {
  return async (head, body) => {
    const { segments, query } = readTarget(head.target);
    if (isPreflight(head)) return { status: 200, body: '' };
    const matched = matchRoute(head.method, segments);
    const admission = admit(foundation.keys, head.headers);
    // A path that is not known asks for a credential first, too.
    if ('refused' in admission && matched?.route.access !== 'none') {
      return { status: 401, body: admission.refused };
    }
    if (!matched) return { status: 404, body: '' };
    const access = 'access' in admission ? admission.access : 'read';
    const session: Session = { storage: foundation.storage, access, touched: new Set() };
    const path = Object.entries(matched.captured).map(([name, text]) => [
      name,
      decodeSegment(text),
    ]);
    const answer = await answered(matched.route, session, {
      path: Object.fromEntries(path),
      query,
      head,
      body,
    });
    const requestId = headerOf(head, 'x-request-id');
    foundation.onTouch({
      operation: matched.route.operation,
      collections: session.touched,
      requestId,
    });
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
    // A body that goes to disk is not read for those who may not write there.
    if (route.operation.endsWith('.upload')) requireAccess(route, session);
    checkPath(request.path, route);
    const parameters = readParameters(request.query, route.parameters);
    const body = route.body && (await readBody(request.head, request.body, route.body));
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
  const message = error instanceof BrokenBody ? brokenBody(error) : undefined;
  if (!(error instanceof Failure) && message === undefined) throw error;
  const status = error instanceof Failure ? failureKinds[error.kind].http : 400;
  const text = message ?? (error as Failure).message;
  if (route.plainErrors) {
    return { status, headers: [['content-type', 'text/plain; charset=utf-8']], body: text };
  }
  return json(status, writeJson({ status: { error: text }, time: seconds(started) }));
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
  const creating = route.operation === 'collections.create' || route.operation.endsWith('upload');
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
