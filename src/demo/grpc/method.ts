import type { Collection } from '../store/collection.ts';
import { collectionNamed, type Session } from '../store/storage.ts';
import { get, type Message } from './message.ts';

/** A method of the gRPC interface. */
export interface Method {
  readonly operation: string;
  /** The message it takes. */
  readonly request: string;
  /** The message it answers. */
  readonly response: string;
  /** `none` needs no credential, `read` any, `manage` not the read-only one. */
  readonly access: 'none' | 'read' | 'manage';
  /** What is wrong with a request, field by field. */
  readonly checks: readonly Check[];
  readonly run: (session: Session, message: Message) => Message;
}

/** Says what is wrong with a request, as `field: what is wrong`. */
export type Check = (message: Message) => string | undefined;

/** Methods by their full names. */
export type Methods = Readonly<Record<string, Method>>;

/** Declares a method of two messages. */
export function method(
  operation: string,
  access: Method['access'],
  [request, response]: readonly [string, string],
  run: Method['run'],
  checks: readonly Check[] = [],
): Method {
  return { operation, request, response, access, checks, run };
}

/** The name that a message has for the collection it is about. */
export function nameOf(message: Message): string {
  return get.text(message, 'collection_name');
}

/** The collection that a message is about. */
export function collectionOf(session: Session, message: Message): Collection {
  return collectionNamed(session, nameOf(message));
}
