import type { Session } from '../store/storage.ts';
import type { Message } from './message.ts';

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
