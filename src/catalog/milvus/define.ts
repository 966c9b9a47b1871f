import { Refusal } from '../../refusal.ts';
import type { Action, Operation } from '../operation.ts';
import type { Field, Message } from './message.ts';
import { routes } from './routes.ts';
import { defaultCap, type Row, type RpcPlan } from './row.ts';

/** Fields by their numbers. */
export type Fields = Readonly<Record<number, Field>>;

/** A message: its name, the wire types of its fields, and what matters of them. */
export function message(what: string, wires: string, fields: Fields = {}): Message {
  const known = Object.entries(fields).map(([number, field]) => [Number(number), field] as const);
  const required = known.flatMap(([number, { kind }]) => (kind === 'only' ? [number] : []));
  return { what, wires, fields: new Map(known), required };
}

/** The gRPC side of a row: `Search`, of the service MilvusService unless it says otherwise. */
export function rpc(method: string, read: Message, cap = defaultCap): RpcPlan {
  const path = method.includes('/') ? `/${method}` : `/milvus.proto.milvus.MilvusService/${method}`;
  return { path, message: read, cap };
}

/** What may be said of a row beside its name, action and event. */
export interface RowOptions
  extends Partial<Omit<Row, 'name' | 'action' | 'event' | 'rest' | 'http' | 'rpc'>> {
  readonly rpc?: RpcPlan;
}

/** A row of the catalogue, with what most rows have in common filled in. */
export function row(name: string, action: Action, event: string, options: RowOptions): Row {
  const { rpc: plan, grpc = plan ? [plan.path] : [], trim, ...more } = options;
  const rest = routes[name] ?? [];
  return {
    name,
    action,
    event,
    http: rest.map(({ method, path }) => `${method} ${path}`),
    grpc,
    everything: false,
    changes: false,
    renames: false,
    about: 'collection',
    ownDatabase: false,
    free: false,
    literal: false,
    judge: null,
    rest,
    rpc: plan ?? null,
    denial: ({ database }) => denied(grpc[0], name, database),
    deniesByName: true,
    ...(more.about === 'database' ? { inDatabase: true } : {}),
    ...more,
    ...(trim ? { trim: asFault(trim) } : {}),
  } satisfies Row & Operation;
}

/** Milvus's sentence (internal/proxy/privilege_interceptor.go): it names the privilege and the
 * database, never the collection, so that it says the same whether that exists or not. */
function denied(path: string | undefined, name: string, database: string | null): string {
  const privilege = path?.slice(path.lastIndexOf('/') + 1) ?? pascal(name);
  const where = database === null ? '' : ` in the \`${database}\` database`;
  return `Privilege${privilege}: permission deny to this caller${where}`;
}

/** `entities.get`, which REST alone has, as `EntitiesGet`. */
function pascal(name: string): string {
  const words = name.split(/[._]/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** An answer that cannot be read is no fault of the caller's. */
function asFault(trim: NonNullable<Operation['trim']>): NonNullable<Operation['trim']> {
  return (protocol, answer, view, about) => {
    try {
      return trim(protocol, answer, view, about);
    } catch (cause) {
      if (cause instanceof Refusal && cause.code === 'not-permitted') throw cause;
      throw new TypeError('the answer cannot be trimmed', { cause });
    }
  };
}
