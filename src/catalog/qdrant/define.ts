import { patternSegments } from '../classify.ts';
import type { Action, Need, Operation } from '../operation.ts';
import type { Message } from '../reading/message.ts';
import { type Grammar, grammars } from '../reading/parameter.ts';
import { messages } from './messages.ts';
import {
  type BodyPlan,
  defaultCap,
  type Parameter,
  type RestPlan,
  type Row,
  type RpcPlan,
} from './row.ts';

/** How each parameter of a path reads. */
const parameterGrammars: Readonly<Record<string, Grammar>> = {
  collection_name: grammars.name,
  snapshot_name: grammars.name,
  snapshot: grammars.name,
  field_name: grammars.text,
  vector_name: grammars.text,
  key: grammars.text,
  tail: grammars.text,
  any: grammars.text,
  id: grammars.point,
  shard: grammars.number,
  peer_id: grammars.number,
};

/** What may be said of a route beside its method and pattern. */
interface RouteOptions {
  readonly query?: readonly string[];
  readonly body?: BodyPlan;
  readonly headers?: readonly string[];
}

/** The REST side of a row: `GET /collections/{collection_name}`. */
export function rest(route: string, options: RouteOptions = {}): RestPlan {
  const [method, pattern] = route.split(' ', 2) as [string, string];
  const parameters = patternSegments(pattern).flatMap((segment, at) => parameterAt(segment, at));
  const collection = parameters.find(({ name }) => name === 'collection_name');
  return {
    method,
    pattern,
    parameters,
    collectionAt: collection?.at ?? -1,
    query: options.query ?? [],
    body: options.body ?? { kind: 'none' },
    headers: options.headers ?? [],
  };
}

function parameterAt(segment: string, at: number): Parameter[] {
  if (!segment.startsWith('{')) return [];
  const name = segment.slice(1, -1).split(':', 1)[0] as string;
  return [{ name, at, grammar: parameterGrammars[name] as Grammar }];
}

/** The gRPC side of a row: `Points/Query`, in Qdrant's package unless it says otherwise. */
export function rpc(path: string, message: Message = messages.plain, cap = defaultCap): RpcPlan {
  return { path: path.includes('.') ? `/${path}` : `/qdrant.${path}`, message, cap };
}

/** What may be said of a row beside its name, action and event. */
export interface RowOptions
  extends Partial<Omit<Row, 'name' | 'action' | 'event' | 'rest' | 'rpc'>> {
  readonly rest?: RestPlan;
  readonly rpc?: RpcPlan;
}

/** A row of the catalogue, with what most rows have in common filled in. */
export function row(name: string, action: Action, event: string, options: RowOptions): Row {
  const { rest: restPlan, rpc: rpcPlan, trim, ...rest } = options;
  return {
    name,
    action,
    event,
    http: restPlan ? [`${restPlan.method} ${restPlan.pattern}`] : [],
    grpc: rpcPlan ? [rpcPlan.path] : [],
    everything: false,
    changes: false,
    renames: false,
    literal: false,
    each: null,
    judge: null,
    rest: restPlan ?? null,
    rpc: rpcPlan ?? null,
    denial: denied,
    ...rest,
    ...(trim ? { trim: asFault(trim) } : {}),
  } satisfies Row & Operation;
}

const changing: ReadonlySet<Action> = new Set(['write', 'schema', 'export']);

/** Qdrant's sentences (lib/storage/src/rbac/mod.rs). Whoever may not list a collection, or the
 * alias it was reached by, hears the same whether it exists or not. */
function denied({ action, collection }: Need, known: boolean): string {
  if (collection === null) return 'Forbidden: Global access is required';
  if (known && (action === 'manage' || action === 'admin')) {
    return 'Forbidden: Manage access for this operation is required';
  }
  const kind = known && changing.has(action) ? 'Write access' : 'Access';
  return `Forbidden: ${kind} to collection ${collection.named} is required`;
}

/** An answer that cannot be read is no fault of the caller's. */
function asFault(trim: NonNullable<Operation['trim']>): NonNullable<Operation['trim']> {
  return (protocol, answer, view, about) => {
    try {
      return trim(protocol, answer, view, about);
    } catch (cause) {
      throw new TypeError('the answer cannot be trimmed', { cause });
    }
  };
}
