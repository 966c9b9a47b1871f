import type { Answer } from '../http/answer.ts';
import type { Body } from '../http/body.ts';
import type { Head } from '../http/head.ts';
import type { Parameters } from '../http/parameters.ts';
import type { Read } from '../json/read.ts';
import type { Json } from '../json/write.ts';
import type { Session } from '../store/storage.ts';

/** A request, as a route's handler sees it. */
export interface Call<B = undefined> {
  readonly session: Session;
  readonly path: Readonly<Record<string, string>>;
  readonly collection: string;
  readonly parameters: Parameters;
  readonly body: B;
  readonly head: Head;
  /** The bytes of a body that is not read as JSON. */
  readonly stream: Body;
}

/** A route of the REST interface. */
export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly string[];
  /** `none` needs no credential, `read` any, `manage` not the read-only one. */
  readonly access: 'none' | 'read' | 'manage';
  readonly parameters: readonly string[];
  /** How the body is read, if it is JSON; what it reads to is what `run` takes. */
  readonly body: Read<unknown> | undefined;
  /** Whether the body is taken as it comes, and only from those who may send it. */
  readonly streams: boolean;
  /** The errors of some routes are plain text. */
  readonly plainErrors: boolean;
  readonly run: (call: Call<never>) => Reply | Promise<Reply>;
}

/** What a handler answers: a result to be wrapped, or an answer of its own. */
export type Reply = { readonly result: Json } | { readonly answer: Answer };

interface Wishes<B> {
  readonly access: Route['access'];
  readonly parameters?: readonly string[];
  readonly body?: Read<B>;
  readonly streams?: boolean;
  readonly plainErrors?: boolean;
}

/** Declares a route, written as `PUT /collections/{collection_name}`. */
export function route<B = undefined>(
  operation: string,
  line: string,
  wishes: Wishes<B>,
  run: (call: Call<B>) => Json | Promise<Json>,
): Route {
  return answering(operation, line, wishes, async (call) => ({ result: await run(call) }));
}

/** Declares a route whose answer is not a wrapped result. */
export function answering<B = undefined>(
  operation: string,
  line: string,
  { access, parameters = [], body, streams = false, plainErrors = false }: Wishes<B>,
  run: (call: Call<B>) => Reply | Promise<Reply>,
): Route {
  const [method = '', path = ''] = line.split(' ');
  const segments = path
    .split('/')
    .slice(1)
    .filter((segment) => segment !== '');
  return {
    operation,
    method,
    segments,
    access,
    parameters,
    body,
    streams,
    plainErrors,
    run: (call: Call<never>) => run(call as unknown as Call<B>),
  };
}

/** Where routes of a collection begin, and what those of a kind have in common. */
export const usual = {
  path: '/collections/{collection_name}',
  reading: { access: 'read', parameters: ['consistency', 'timeout'] },
  writing: { access: 'manage', parameters: ['wait', 'ordering', 'timeout'] },
  managing: { access: 'manage', parameters: ['timeout'] },
} as const;
